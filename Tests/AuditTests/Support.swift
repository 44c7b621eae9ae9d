import Audit
import FoundationEssentials
import PurchaseApp
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization
import TestEngines

/// The audit trail alone on a database of the engine of this run, fed by hand.
struct Trail: Sendable {
    let database: any SQLDatabase
    let clock = ManualClock()
    let ids: UUIDv7Generator
    let events = HandedEvents()
    let policy: AuditPolicy

    init(_ policy: AuditPolicy = AuditPolicy()) async throws {
        database = try await TestEngine.current.database()
        ids = UUIDv7Generator(clock: clock, random: SeededRandom(seed: 3))
        self.policy = policy
    }

    func recorder(probe: any Probe = NoProbe()) -> AuditRecorder {
        AuditRecorder(on: database, from: events, clock: clock, policy: policy, hash: SHA256Hash(), probe: probe)
    }

    var changes: ChangeRecorder {
        ChangeRecorder(on: database, clock: clock, policy: policy, hash: SHA256Hash())
    }

    /// Puts events where the recorder receives them.
    @discardableResult
    func happen(_ happened: any Event..., source: ServiceID = "orders") throws -> [Envelope] {
        try happen(happened, source: source)
    }

    @discardableResult
    func happen(_ happened: [any Event], source: ServiceID = "orders") throws -> [Envelope] {
        let envelopes = try happened.map {
            try Envelope.seal($0, id: ids.next(), source: source, time: clock.now())
        }
        events.add(envelopes)
        return envelopes
    }

    /// Writes a row as a change without an event does.
    func write(_ record: AuditRecord) async throws {
        let (now, ids) = (clock.now(), ids)
        try await database.write {
            try AuditLog.write(record, in: SQLStep(transaction: $0, now: now, ids: ids))
        }
    }

    /// Answers from the log alone.
    var reader: AuditReader { AuditReader(database) }

    /// Everything in the log, in order.
    func entries() async throws -> [LoggedEntry] {
        try await database.read { try AuditQueries($0).entries(after: 0, limit: 10_000) }
    }
}

/// Hands over what it is given until that is acknowledged in a transaction that committed.
final class HandedEvents: EventTransport {
    private let waiting = Mutex<(last: Int64, deliveries: [Delivery])>((0, []))

    func add(_ envelopes: [Envelope]) {
        waiting.withLock { waiting in
            for envelope in envelopes {
                waiting.last += 1
                waiting.deliveries.append(Delivery(envelope: envelope, position: waiting.last))
            }
        }
    }

    var count: Int { waiting.withLock { $0.deliveries.count } }

    func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        waiting.withLock { Array($0.deliveries.prefix(limit)) }
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {}

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        let positions = Set(deliveries.map(\.position))
        waiting.withLock { $0.deliveries.removeAll { positions.contains($0.position) } }
    }
}
