import TestEngines
import Testing

/// How the events of a scenario travel.
enum DeliveryMode: String, Sendable, CaseIterable, CustomTestStringConvertible {
    /// The transport of production that this run of the tests is about; on SQLite the outbox itself.
    case embedded
    case inOrder
    case shuffled
    case duplicated
    case shuffledAndDuplicated

    /// Late by some seconds at most, and so in any order.
    var isShuffled: Bool { self == .shuffled || self == .shuffledAndDuplicated }
    /// Every event reaches every group twice.
    var isDuplicated: Bool { self == .duplicated || self == .shuffledAndDuplicated }

    var testDescription: String { rawValue }
}

/// One way to run a scenario.
struct Schedule: Sendable, CustomTestStringConvertible {
    let mode: DeliveryMode
    let seed: UInt64

    var testDescription: String { "\(mode.rawValue), seed \(seed)" }

    /// The network of the other modes knows nothing of Redis: a run on it is about its transport only.
    private static let worthwhile: [DeliveryMode] =
        TestEngine.current.bus == .redis ? [.embedded] : DeliveryMode.allCases

    /// Each mode, and those that leave something to chance with several seeds, where that costs little.
    static let all: [Schedule] = worthwhile.flatMap { mode in
        (mode.isShuffled && TestEngine.isSQLite ? 1...4 : 1...1).map { Schedule(mode: mode, seed: $0) }
    }

    /// One schedule a mode.
    static let modes: [Schedule] = worthwhile.map { Schedule(mode: $0, seed: 11) }

    static let plain = Schedule(mode: .inOrder, seed: 1)
}

extension Trait where Self == ConditionTrait {
    /// Its events travel on the network of the tests, which knows nothing of Redis: on PostgreSQL it was run without.
    static var onItsOwnNetwork: Self {
        .enabled(
            if: TestEngine.current.bus != .redis,
            "its network is the tests' own, and was run on PostgreSQL without Redis")
    }
}
