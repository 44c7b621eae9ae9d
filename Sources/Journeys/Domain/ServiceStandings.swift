import FoundationEssentials
import SagaChoreography
import SagaSQL

/// How a service fares.
public struct ServiceStanding: Sendable, Hashable {
    public let service: ServiceID
    /// The processes that run it.
    public let instances: [ServicePresence.Instance]
    /// What waits in them for something that is away.
    public let pauses: [ServicePresence.Pause]
    /// Events that it has yet to handle; `nil` if that cannot be told.
    public let lag: Int?
    /// When the oldest of them was emitted; `nil` if nothing waits, or that cannot be told.
    public let oldest: Timestamp?
    /// Messages that it tries again, and those that it gave up; no more than ``ServiceStandings/countedAtMost`` are counted.
    public let retrying: Int
    public let parked: Int

    /// Whether a process runs it.
    public var isRunning: Bool { !instances.isEmpty }
}

/// How all services fare.
public struct ServiceStandings: Sendable, Hashable {
    /// Beyond so many nobody needs the number.
    public static let countedAtMost = 10_000

    public let all: [ServiceStanding]
    private let byService: [ServiceID: ServiceStanding]

    init(_ all: [ServiceStanding]) {
        self.all = all
        byService = Dictionary(uniqueKeysWithValues: all.map { ($0.service, $0) })
    }

    /// Of one that is not known nothing is known, least of all that it runs.
    subscript(_ service: ServiceID) -> ServiceStanding {
        byService[service]
            ?? ServiceStanding(
                service: service, instances: [], pauses: [], lag: nil, oldest: nil, retrying: 0, parked: 0)
    }
}

/// How far a consumer is behind, as the transport tells.
public struct ConsumerLag: Sendable, Hashable {
    /// Events that it has yet to handle.
    public let count: Int
    /// When the oldest of them was emitted or sent, if that can be told.
    public let oldest: Timestamp?

    public init(count: Int, oldest: Timestamp? = nil) {
        self.count = count
        self.oldest = oldest
    }
}
