import FoundationEssentials
import Journeys

/// Which events of an order a client has seen: what a stream's ids carry, so that whoever comes back is told the rest, and nothing
/// twice, by whichever process.
struct SeenSteps: Sendable {
    /// Bytes of each event.
    private static let length = 6
    /// More than any order has.
    private static let most = 128

    private var marks: Set<UInt64> = []
    private var order: [UInt64] = []

    init() {}

    /// Reads an id that a stream gave out; `nil` for anything else.
    init?(_ text: some StringProtocol) {
        guard let bytes = Base64URL.decode(String(text)), bytes.count.isMultiple(of: Self.length),
            bytes.count <= Self.most * Self.length
        else { return nil }
        for start in stride(from: 0, to: bytes.count, by: Self.length) {
            add(bytes[start..<start + Self.length].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        }
    }

    func has(_ step: JourneyStep) -> Bool { marks.contains(Self.mark(step)) }

    mutating func add(_ step: JourneyStep) { add(Self.mark(step)) }

    private mutating func add(_ mark: UInt64) {
        guard marks.insert(mark).inserted else { return }
        order.append(mark)
    }

    /// What goes into an id. Of an order that was sent again and again the first events are left out: they are told again then.
    var text: String {
        Base64URL.encode(
            order.suffix(Self.most).flatMap { mark in
                (0..<Self.length).reversed().map { UInt8(truncatingIfNeeded: mark >> (8 * $0)) }
            })
    }

    /// 48 bits of FNV-1a over the event's key.
    private static func mark(_ step: JourneyStep) -> UInt64 {
        let hash = step.key.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return hash >> 16
    }
}
