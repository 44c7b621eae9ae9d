import FoundationEssentials
import SagaChoreography

/// Which streams there are, and who reads them: one stream for each event type and partition, one consumer group for each
/// service on the streams of the types it subscribes to, so that no group reads what is not for it.
struct StreamLayout: Sendable {
    /// One stream.
    struct Stream: Hashable, Comparable, Sendable, CustomStringConvertible {
        let type: EventType
        /// From 0.
        let partition: Int

        init(type: EventType, partition: Int) {
            self.type = type
            self.partition = partition
        }

        /// Reads `type:partition`; `nil` for anything else.
        init?(_ text: some StringProtocol) {
            guard let colon = text.lastIndex(of: ":"), let partition = Int(text[text.index(after: colon)...]) else {
                return nil
            }
            self.init(type: EventType(String(text[..<colon])), partition: partition)
        }

        var description: String { "\(type):\(partition)" }

        static func < (a: Stream, b: Stream) -> Bool { (a.type, a.partition) < (b.type, b.partition) }
    }

    let prefix: String
    let partitions: Int
    /// Who subscribes to a type; types of which nobody wants to hear are missing.
    let subscribers: [EventType: [ServiceID]]
    /// The names of the streams that somebody reads.
    private var keys: [Stream: String] = [:]

    init(_ subscriptions: [ServiceID: Set<EventType>], _ options: RedisStreamsOptions) {
        precondition(options.partitions > 0, "there must be at least one partition")
        prefix = options.prefix
        partitions = options.partitions
        var subscribers: [EventType: [ServiceID]] = [:]
        for (group, types) in subscriptions.sorted(by: { $0.key < $1.key }) {
            for type in types { subscribers[type, default: []].append(group) }
        }
        self.subscribers = subscribers
        for stream in streams { keys[stream] = "\(prefix):\(stream)" }
    }

    /// Where an event goes; `nil` if nobody subscribes to its type.
    func stream(of envelope: Envelope) -> Stream? {
        guard subscribers[envelope.type] != nil else { return nil }
        return Stream(type: envelope.type, partition: partition(of: envelope.subject ?? envelope.id))
    }

    /// The same for one id in every process and for ever: FNV-1a (fowler, noll, vo) of its bytes, 64 bits.
    func partition(of id: UUID) -> Int {
        guard partitions > 1 else { return 0 }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        withUnsafeBytes(of: id.uuid) { bytes in
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return Int(hash % UInt64(partitions))
    }

    /// Every stream of these types, in order.
    func streams(of types: some Sequence<EventType>) -> [Stream] {
        types.sorted().flatMap { type in (0..<partitions).map { Stream(type: type, partition: $0) } }
    }

    /// Every stream that somebody reads, in order.
    var streams: [Stream] { streams(of: subscribers.keys) }

    func key(_ stream: Stream) -> String { keys[stream] ?? "\(prefix):\(stream)" }

    /// A hash that is gone when everything is gone: it says which life of the data this is, how many partitions the streams were
    /// made for, and which groups were made in this life.
    var generationKey: String { "\(prefix):generation" }
}
