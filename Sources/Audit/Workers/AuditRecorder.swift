import SQLCore
import SagaChoreography
import SagaSQL

/// Records what the saga does, from its events: a batch a transaction.
///
/// It is a consumer group of its own. An event stays where it is until it is recorded, so nothing is lost that waits; and nobody else
/// waits for it. Nothing is parked: what cannot be read is recorded as that.
public struct AuditRecorder: Activity {
    public let name = "audit.consumer"
    public var wakesOn: Set<EventType> { types }
    public var consumes: ServiceID? { AuditParticipant.service }

    private let types = Set(AuditRules.all.keys)
    private let database: any SQLDatabase
    private let transport: any EventTransport<any SQLTransaction>
    private let clock: any SagaClock
    private let policy: AuditPolicy
    private let hash: any ContentHash
    private let probe: any Probe

    /// - Parameter transport: hands over the events.
    public init(
        on database: any SQLDatabase, from transport: any EventTransport<any SQLTransaction>, clock: any SagaClock,
        policy: AuditPolicy, hash: any ContentHash, probe: any Probe = NoProbe()
    ) {
        self.database = database
        self.transport = transport
        self.clock = clock
        self.policy = policy
        self.hash = hash
        self.probe = probe
    }

    /// Records what waits, once it is enough or has waited long enough.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` if store or transport are away: nothing is lost, call again later.
    public func poll() async throws -> Progress {
        let waiting = try await transport.receive(
            for: AuditParticipant.service, types: types, limit: policy.limit)
        guard let first = waiting.first else { return .idle(wakeAt: nil) }
        let now = clock.now()
        if waiting.count < policy.batchSize {
            // Another process's clock may be ahead.
            let dueAt = min(first.envelope.time, now) + policy.batchInterval
            if dueAt > now { return .idle(wakeAt: dueAt) }
        }
        try await record(waiting)
        return .worked
    }

    /// Records all that waits now, however little it is.
    ///
    /// - Returns: how many entries that were.
    /// - Throws: as ``poll()``.
    @discardableResult
    public func flush() async throws -> Int {
        var count = 0
        // What arrives meanwhile may wait as usual.
        let begin = clock.now()
        while true {
            let waiting = try await transport.receive(
                for: AuditParticipant.service, types: types, limit: policy.limit)
            guard let first = waiting.first else { return count }
            try await record(waiting)
            count += waiting.count
            if first.envelope.time > begin { return count }
        }
    }

    private func record(_ waiting: [Delivery]) async throws {
        let mask = policy.mask
        let entries = waiting.compactMap { AuditRules.all[$0.envelope.type]?.entry(of: $0.envelope, masked: mask) }
        try await database.write { [clock, hash, transport, probe] transaction in
            try AuditLogStore(transaction, hash: hash).append(entries, at: clock.now())
            try transport.acknowledge(waiting, for: AuditParticipant.service, in: transaction)
            try probe.reach(.batchBeforeCommit)
        }
        try probe.reach(.batchAfterCommit)
        try await transport.acknowledge(waiting, for: AuditParticipant.service)
    }
}
