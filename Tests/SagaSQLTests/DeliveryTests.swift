import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

@Suite struct DeliveryTests {
    private func made(_ number: Int64) -> MadeA { MadeA(saga: UUID(), number: number) }

    @Test func `an event delivered twice counts once where an inbox is kept`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let first = try await toy.deliver(made(5))
            let again = try await toy.redeliver()
            #expect(first.disposition == .applied)
            #expect(again.disposition == .duplicate)
            #expect(again.emitted.isEmpty)
            #expect(try await toy.read(Toy.total) == 5)
        }
    }

    @Test func `one poisoned message delays nobody in its batch`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let outcomes = try await toy.deliverBatch([made(1), made(666), made(2), made(667), made(3)])
            #expect(outcomes.map(\.disposition) == [.applied, .retrying, .applied, .parked, .applied])
            #expect(try await toy.read(Toy.total) == 6)
        }
    }

    @Test func `a fault is retried as often as the policy says, then parked with its reason`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let consumer = try liveConsumer(toy)
            try await toy.deliver(made(666))
            for _ in 0..<3 {
                #expect(try await parked(toy).isEmpty)
                toy.clock.advance(by: .seconds(60))
                _ = try await consumer.poll()
            }
            let message = try #require(try await parked(toy).first)
            #expect(message.kind == .exhausted)
            #expect(message.cause == "a bad number")
            toy.clock.advance(by: .seconds(600))
            #expect(try await consumer.poll() == .idle(wakeAt: nil))
            #expect(try await toy.read(Toy.total) == 0)
        }
    }

    @Test func `a parked message that is delivered again and faults stays parked`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let consumer = try liveConsumer(toy)
            try await toy.deliver(made(666))
            for _ in 0..<3 {
                toy.clock.advance(by: .seconds(60))
                _ = try await consumer.poll()
            }
            #expect(try await parked(toy).count == 1)
            try await toy.redeliver()
            #expect(try await parked(toy).count == 1)
            #expect(try await retries(toy) == [])
        }
    }

    @Test func `a message that waits for a retry is no longer kept once a second delivery parked it`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            try await toy.deliver(made(667))
            let envelope = try #require(try await toy.read { try $0.rows("SELECT event_id FROM saga_parked").first })
            let id = try envelope.uuid("event_id")
            try await toy.given { transaction in
                try transaction.execute(
                    """
                    INSERT INTO saga_retries (consumer, event_id, envelope, attempts, due_at, reason)
                    VALUES ('toy', \(id), \(Data()), 1, 0, 'a fault before')
                    """)
            }
            try await toy.redeliver()
            #expect(try await retries(toy) == [])
        }
    }

    @Test func `a second delivery does not start the count of attempts anew`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let consumer = try liveConsumer(toy)
            try await toy.deliver(made(666))
            toy.clock.advance(by: .seconds(60))
            _ = try await consumer.poll()
            try await toy.redeliver()
            #expect(try await retries(toy) == [2])
        }
    }

    /// How often each message that waits for a retry has faulted.
    private func retries(_ toy: ParticipantHarness) async throws -> [Int] {
        try await toy.read { try $0.rows("SELECT attempts FROM saga_retries").map { try $0.int("attempts") } }
    }

    @Test func `an alarm parks the message at once and is audited as an incident, once`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            #expect(try await toy.deliver(made(668)).disposition == .parked)
            #expect(try await toy.redeliver().disposition == .parked)
            #expect(try await parked(toy).map(\.kind) == [.alarm])
            let severities = try await toy.read {
                try $0.rows("SELECT severity FROM saga_audit").map { try $0.int64("severity") }
            }
            #expect(severities == [5])
        }
    }

    @Test func `two groups raise alarms about the same event, and each is audited`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            try await toy.deliver(made(668))
            let envelope = try await toy.read { transaction in
                try Envelope(
                    cloudEvent: transaction.first("SELECT envelope FROM saga_parked")?.bytes("envelope") ?? Data())
            }
            let now = toy.clock.now()
            try await toy.given { transaction in
                try SQLSagaStore(toy.database).park(
                    Retry(envelope: envelope, attempts: 1, dueAt: now, reason: ""), because: .alarm("here, too"),
                    for: "other", at: now, in: transaction)
            }
            let services = try await toy.read {
                try $0.rows("SELECT service FROM saga_audit ORDER BY service").map { try $0.text("service") }
            }
            #expect(services == ["other", "toy"])
        }
    }

    @Test func `an unreachable store counts no attempt and loses nothing`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            await #expect(throws: SagaFault.self) { try await toy.deliver(made(669)) }
            let retries = try await toy.read { try $0.rows("SELECT 1 AS one FROM saga_retries").count }
            #expect(retries == 0)
            #expect(try await parked(toy).isEmpty)
        }
    }

    @Test func `a message whose data lacks a required field is parked, never defaulted`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            struct Half: Event {
                static let type: EventType = "a.made"
                var saga: UUID
                var subject: UUID? { saga }
            }
            let outcome = try await toy.deliver(Half(saga: UUID()))
            #expect(outcome.disposition == .parked)
            #expect(outcome.fault?.summary.contains("required field 'number' is missing") == true)
        }
    }

    @Test func `a settled saga has its state row closed and its inbox rows dropped`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let event = made(5)
            try await toy.given { transaction in
                try StateTable<ToyState>("toy_saga").open(
                    event.saga, as: .held, at: Timestamp(milliseconds: 0), in: transaction)
            }
            try await toy.deliver(event)
            #expect(try await toy.deliver(Closed(saga: event.saga)).disposition == .applied)
            toy.clock.advance(by: .seconds(1))
            #expect(try await toy.redeliver().disposition == .applied, "closing what is closed is answered alike")
            let row = try #require(try await toy.read { try $0.first("SELECT settled, updated_at FROM toy_saga") })
            #expect(try row.bool("settled"))
            #expect(try row.int64("updated_at") < toy.clock.now().milliseconds, "and changes nothing")
            let inbox = try await toy.read { try $0.rows("SELECT 1 AS one FROM saga_inbox").count }
            #expect(inbox == 0)
        }
    }

    @Test func `outbox rows go once every group is past them and their saga is settled, not before`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let store = SQLSagaStore(toy.database)
            let listener = SQLParticipant(service: "listener") { Subscribe<Counted>() }
            let pruner = OutboxPruner(
                store: store, clock: toy.clock, participants: [Toy.participant, listener],
                stateTables: ["toy": "toy_saga"])
            let event = made(5)
            try await toy.given { transaction in
                try StateTable<ToyState>("toy_saga").open(
                    event.saga, as: .held, at: Timestamp(milliseconds: 0), in: transaction)
            }
            try await toy.deliver(event)
            func rowsAfterPruning() async throws -> Int {
                _ = try await pruner.poll()
                return try await toy.read { try $0.rows("SELECT seq FROM saga_outbox").count }
            }
            #expect(try await rowsAfterPruning() == 1)
            try await toy.deliver(Closed(saga: event.saga))
            #expect(try await rowsAfterPruning() == 1, "the listener has not received it yet")
            let transport = try EmbeddedTransport(toy.database)
            let deliveries = try await transport.receive(for: "listener", types: ["counted"], limit: 10)
            try await toy.given { try transport.acknowledge(deliveries, for: "listener", in: $0) }
            #expect(try await rowsAfterPruning() == 0)
        }
    }

    @Test func `pruning goes on behind rows of sagas that are under way, and comes back to them`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let store = SQLSagaStore(toy.database)
            let pruner = OutboxPruner(
                store: store, clock: toy.clock, participants: [], stateTables: ["toy": "toy_saga"], window: 2)
            let sagas = (0..<5).map { _ in UUID() }
            let envelopes = try sagas.map { saga in
                try Envelope.seal(
                    MadeA(saga: saga, number: 1), id: toy.ids.next(), source: "toy", time: toy.clock.now())
            }
            try await toy.given { transaction in
                try store.append(envelopes, in: transaction)
                for (index, saga) in sagas.enumerated() {
                    try transaction.execute(
                        "INSERT INTO toy_saga VALUES (\(saga), \("held"), \(index >= 3), \(Int64(0)), \(Int64(0)))")
                }
            }
            func left() async throws -> [UUID] {
                try await toy.read { try OutboxReader.deliveries(after: 0, in: $0).compactMap(\.envelope.subject) }
            }
            func poll(_ times: Int) async throws { for _ in 0..<times { _ = try await pruner.poll() } }
            // One look for each two rows, however few of them may go.
            try await poll(1)
            #expect(try await left() == sagas)
            try await poll(2)
            #expect(try await left() == Array(sagas[..<3]))
            try await toy.given { try $0.script("UPDATE toy_saga SET settled = 1") }
            try await poll(2)
            #expect(try await left().isEmpty)
        }
    }

    private enum ToyState: String { case held }

    private func parked(_ toy: ParticipantHarness) async throws -> [ParkedMessage] {
        try await toy.read { try ParkedMessages.list(limit: 10, in: $0) }
    }

    private func liveConsumer(_ toy: ParticipantHarness) throws -> Consumer<SQLSagaStore, EmbeddedTransport> {
        Consumer(
            toy.participant, store: SQLSagaStore(toy.database), transport: try EmbeddedTransport(toy.database),
            policy: RetryPolicy(), clock: toy.clock, ids: toy.ids, random: toy.random, observer: RecordingObserver())
    }
}
