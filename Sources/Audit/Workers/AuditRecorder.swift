import SQLCore
import SagaChoreography
import SagaSQL
import Synchronization

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
    private let observer: any AuditObserver
    private let looks: Looks

    /// - Parameter transport: hands over the events.
    public init(
        on database: any SQLDatabase, from transport: any EventTransport<any SQLTransaction>, clock: any SagaClock,
        policy: AuditPolicy, hash: any ContentHash, probe: any Probe = NoProbe(),
        observer: any AuditObserver = NoAuditObserver()
    ) {
        self.database = database
        self.transport = transport
        self.clock = clock
        self.policy = policy
        self.hash = hash
        self.probe = probe
        self.observer = observer
        looks = Looks(interval: min(policy.batchInterval, .milliseconds(50)))
    }

    /// Records what waits, once it is enough or has waited long enough.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` if store or transport are away: nothing is lost, call again later.
    public func poll() async throws -> Progress {
        try await observer.watching(.events) {
            let now = clock.now()
            if let next = looks.next(at: now) { return .idle(wakeAt: next) }
            let waiting = try await transport.receive(
                for: AuditParticipant.service, types: types, limit: policy.limit(on: database.dialect))
            observer.looked(.events, oldest: waiting.first?.envelope.time)
            guard let first = waiting.first else {
                looks.found(at: now)
                return .idle(wakeAt: nil)
            }
            if waiting.count < policy.batchSize {
                // Another process's clock may be ahead.
                let dueAt = min(first.envelope.time, now) + policy.batchInterval
                if dueAt > now {
                    looks.found(at: now)
                    return .idle(wakeAt: dueAt)
                }
            }
            try await record(waiting)
            return .worked
        }
    }

    /// Records all that waits now, however little it is.
    ///
    /// - Returns: how many entries that were.
    /// - Throws: as ``poll()``.
    @discardableResult
    public func flush() async throws -> Int {
        try await observer.watching(.events) {
            var count = 0
            // What arrives meanwhile may wait as usual.
            let begin = clock.now()
            while true {
                let waiting = try await transport.receive(
                    for: AuditParticipant.service, types: types, limit: policy.limit(on: database.dialect))
                observer.looked(.events, oldest: waiting.first?.envelope.time)
                guard let first = waiting.first else { return count }
                try await record(waiting)
                count += waiting.count
                if first.envelope.time > begin { return count }
            }
        }
    }

    private func record(_ waiting: [Delivery]) async throws {
        let (begin, mask, length) = (clock.now(), policy.mask, policy.segmentLength)
        let entries = waiting.compactMap { AuditRules.all[$0.envelope.type]?.entry(of: $0.envelope, masked: mask) }
        try await database.write { [clock, hash, transport, probe] transaction in
            try AuditLogStore(transaction, hash: hash, segmentLength: length).append(entries, at: clock.now())
            try transport.acknowledge(waiting, for: AuditParticipant.service, in: transaction)
            try probe.reach(.batchBeforeCommit)
        }
        try probe.reach(.batchAfterCommit)
        try await transport.acknowledge(waiting, for: AuditParticipant.service)
        observer.recorded(.events, entries: entries.count, in: clock.now() - begin)
    }
}

/// When too little was found: every commit wakes the recorder, and to look at what waits each time costs more than the wait.
private final class Looks: Sendable {
    private let interval: Duration
    private let last = Mutex<Timestamp?>(nil)

    init(interval: Duration) { self.interval = interval }

    func found(at now: Timestamp) { last.withLock { $0 = now } }

    /// When to look again; `nil` if that is now.
    func next(at now: Timestamp) -> Timestamp? {
        last.withLock { last in
            guard let last, last <= now, last + interval > now else { return nil }
            return last + interval
        }
    }
}
