import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization
import Testing

/// What the reaction to MadeB does at present.
private final class Mood: Sendable {
    enum Way: Sendable { case works, ignores, faults, raisesAlarm }
    private let way = Mutex(Way.faults)

    var current: Way {
        get { way.withLock { $0 } }
        set { way.withLock { $0 = newValue } }
    }
}

private struct Moody: Reaction {
    static let id: ReactionID = "toy.moody"
    static let usesInbox = true
    let mood: Mood

    func react(to event: MadeB, in step: SQLStep) throws -> Reply<Counted, Never> {
        switch mood.current {
        case .ignores: return .ignore(.notExpected)
        case .works, .faults, .raisesAlarm:
            try step.transaction.execute("UPDATE toy_sum SET total = total + 1")
            if mood.current == .raisesAlarm { throw SagaFault.alarm("it must not be") }
            if mood.current == .faults { throw SagaFault.permanent(.contract, "in a bad mood") }
            return .accept(Counted(saga: event.saga))
        }
    }
}

@Suite struct `A parked message` {
    private struct Desk {
        let toy: ParticipantHarness
        let mood: Mood
        let letters: DeadLetters
        let consumer: Consumer<SQLSagaStore, NoTransport>

        /// The only one that is parked.
        func only() async throws -> ParkedMessage {
            let parked = try await toy.read { try ParkedMessages.list(limit: 10, in: $0) }
            #expect(parked.count == 1)
            return try #require(parked.first)
        }

        func total() async throws -> Int64 { try await toy.read(Toy.total) }

        /// What is known of an operation once the consumer has looked.
        func followed(_ operation: Intervention) async throws -> Intervention.Item {
            toy.clock.advance(by: .seconds(2))
            _ = try await consumer.poll()
            let found = try await toy.read { try Interventions.operation(operation.id, in: $0) }
            return try #require(found?.items.first)
        }

        func audited() async throws -> [String] {
            try await toy.read {
                try $0.rows("SELECT action FROM saga_audit ORDER BY id").map { try $0.text("action") }
            }
        }
    }

    /// Has nothing to deliver: what is replayed comes from the database.
    private struct NoTransport: EventTransport {
        typealias Transaction = any SQLTransaction
        func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] { [] }
        func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {}
        func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {}
    }

    private static let request = InterventionRequest(by: UUID(), reason: "mended")

    private func withDesk(_ body: (Desk) async throws -> Void) async throws {
        let mood = Mood()
        let participant = SQLParticipant(service: "toy") {
            Moody(mood: mood)
            CloseState<Closed>(of: "toy", in: "toy_saga")
        }
        try await withParticipant(participant, migrations: Toy.migrations) { toy in
            let letters = DeadLetters(
                on: ServiceDatabases(toy.database), commands: { _ in toy.commands },
                rules: DeadLetterRules(participants: [participant], stateTables: ["toy": "toy_saga"]), clock: toy.clock,
                ids: toy.ids)
            let consumer = Consumer(
                participant, store: SQLSagaStore(toy.database), transport: NoTransport(), policy: RetryPolicy(),
                clock: toy.clock, ids: toy.ids, random: toy.random, observer: RecordingObserver())
            try await body(Desk(toy: toy, mood: mood, letters: letters, consumer: consumer))
        }
    }

    @Test func `is replayed by its consumer, and the operation learns how that ended`() async throws {
        try await withDesk { desk in
            try await desk.toy.deliver(MadeB(saga: UUID()))
            let letter = try await desk.only()
            #expect(letter.kind == .contract && letter.cause == "contract: in a bad mood")
            let first = try await desk.letters.replay(.one(letter.id), Self.request)
            #expect(first.items.map(\.state) == [.requested] && !first.isDone)
            let parked = try await desk.followed(first)
            #expect(parked.state == .parked && parked.detail == "contract: in a bad mood")
            #expect(try await desk.only().id == letter.id)

            desk.mood.current = .works
            let handled = try await desk.followed(try await desk.letters.replay(.one(letter.id), Self.request))
            #expect(handled.state == .handled && handled.disposition == .applied)
            #expect(handled.emitted == [Counted.type])
            #expect(try await desk.total() == 1)
            await #expect(throws: DeadLetterRefusal.notFound) {
                try await desk.letters.replay(.one(letter.id), Self.request)
            }
            #expect(try await desk.audited() == ["dead-letters.replayed", "dead-letters.replayed"])
        }
    }

    @Test func `is tried without leaving anything behind`() async throws {
        try await withDesk { desk in
            try await desk.toy.deliver(MadeB(saga: UUID()))
            let letter = try await desk.only()
            let ways: [(Mood.Way, ExpectedEffect)] = [
                (.faults, .faults("contract: in a bad mood")), (.works, .handled(.applied, emits: [Counted.type])),
                (.ignores, .handled(.ignored, emits: [])),
            ]
            for (way, effect) in ways {
                desk.mood.current = way
                #expect(try await desk.letters.plan(.replay, .one(letter.id)).map(\.effect) == [effect])
            }
            #expect(try await desk.total() == 0)
            let rows = try await desk.toy.read { transaction in
                try ["saga_outbox", "saga_inbox", "saga_audit", "saga_operations", "saga_retries"].map { table in
                    try transaction.first("SELECT COUNT(*) AS n FROM \(table: table)")?.int64("n")
                }
            }
            #expect(rows == [0, 0, 0, 0, 0])
        }
    }

    @Test func `that tells of an end is forgotten only where there is nothing to close`() async throws {
        try await withDesk { desk in
            let (saga, database, now) = (UUID(), desk.toy.database, desk.toy.clock.now())
            let notice = try Envelope.seal(Closed(saga: saga), id: desk.toy.ids.next(), source: "test", time: now)
            try await desk.toy.given { transaction in
                try transaction.execute("INSERT INTO toy_saga VALUES (\(saga), 'held', 0, 0, 0)")
                try SQLSagaStore(database).park(
                    Retry(envelope: notice, attempts: 3, dueAt: now, reason: "in a bad mood"),
                    because: .retryable("in a bad mood"), for: "toy", at: now, in: transaction)
            }
            let letter = try await desk.only()
            await #expect(throws: DeadLetterRefusal.hasEffect(.applied, [])) {
                try await desk.letters.discard(.one(letter.id), Self.request)
            }
            try await desk.toy.deliver(Closed(saga: saga))
            let operation = try await desk.letters.discard(.one(letter.id), Self.request)
            #expect(operation.items.map(\.state) == [.discarded])
        }
    }

    @Test func `is forgotten only if nothing would come of it`() async throws {
        try await withDesk { desk in
            try await desk.toy.deliver(MadeB(saga: UUID()))
            let letter = try await desk.only()
            await #expect(throws: DeadLetterRefusal.faults("contract: in a bad mood")) {
                try await desk.letters.discard(.one(letter.id), Self.request)
            }
            desk.mood.current = .works
            await #expect(throws: DeadLetterRefusal.hasEffect(.applied, [Counted.type])) {
                try await desk.letters.discard(.one(letter.id), Self.request)
            }
            #expect(try await desk.total() == 0)
            #expect(try await desk.only() == letter)

            desk.mood.current = .ignores
            let operation = try await desk.letters.discard(.one(letter.id), Self.request)
            #expect(operation.items.map(\.state) == [.discarded] && operation.isDone)
            #expect(try await desk.audited() == ["dead-letters.discarded"])
            let left = try await desk.toy.read { transaction in
                try transaction.rows("SELECT 1 AS one FROM saga_parked UNION ALL SELECT 1 FROM saga_inbox").count
            }
            #expect(left == 0)
        }
    }

    @Test func `that cannot be read may be forgotten once its saga is settled for its group`() async throws {
        try await withDesk { desk in
            let saga = UUID()
            let (now, id) = (desk.toy.clock.now(), desk.toy.ids.next())
            let letter = Envelope(
                id: id, type: MadeB.type, version: 1, source: "else", subject: saga, time: now, correlationID: saga,
                causationID: nil, traceparent: nil, data: Data([0xff, 0x00]))
            try await desk.toy.given { transaction in
                try SQLSagaStore(desk.toy.database).park(
                    Retry(envelope: letter, attempts: 1, dueAt: now, reason: ""),
                    because: .permanent(.undecodable, "nothing but noise"), for: "toy", at: now, in: transaction)
            }
            let parked = try await desk.only()
            #expect(try parked.opened().data == letter.data)
            await #expect(throws: DeadLetterRefusal.noEvent) {
                try await desk.letters.replay(.one(parked.id), Self.request)
            }
            await #expect(throws: DeadLetterRefusal.self) {
                try await desk.letters.discard(.one(parked.id), Self.request)
            }
            // What was noise can be said again; only then it can be delivered.
            let edit = DeadLetterEdit(data: Data(#"{"saga":"\#(saga.uuidString)"}"#.utf8))
            await #expect(throws: DeadLetterRefusal.contradiction) {
                try await desk.letters.edit(
                    parked.id, DeadLetterEdit(data: Data(#"{"saga":"\#(UUID().uuidString)"}"#.utf8)), Self.request)
            }
            desk.mood.current = .works
            #expect(
                try await desk.letters.plan(edit, of: parked.id).effect == .handled(.applied, emits: [Counted.type]))
            #expect(try await desk.only().envelope == parked.envelope)

            try await desk.toy.given { transaction in
                try transaction.execute(
                    "INSERT INTO toy_saga (subject, state, settled, created_at, updated_at) VALUES (\(saga), 'X', 1, 0, 0)"
                )
            }
            let operation = try await desk.letters.discard(.one(parked.id), Self.request)
            #expect(operation.items.map(\.state) == [.discarded])
        }
    }

    @Test func `with an alarm stays an alarm: it is raised once, and never forgotten`() async throws {
        try await withDesk { desk in
            desk.mood.current = .raisesAlarm
            try await desk.toy.deliver(MadeB(saga: UUID()))
            let letter = try await desk.only()
            await #expect(throws: DeadLetterRefusal.faults("alarm: it must not be")) {
                try await desk.letters.discard(.one(letter.id), Self.request)
            }
            let item = try await desk.followed(try await desk.letters.replay(.one(letter.id), Self.request))
            #expect(item.state == .parked)
            #expect(try await desk.audited() == ["saga.alarm", "dead-letters.replayed"])
        }
    }

    @Test func `is one of a group by its cause; what of a group has an effect is left alone`() async throws {
        try await withDesk { desk in
            for _ in 0..<3 { try await desk.toy.deliver(MadeB(saga: UUID())) }
            let groups = try await desk.toy.read { try ParkedMessages.groups(limit: 10, in: $0) }
            #expect(groups.map(\.count) == [3])
            #expect(groups.map(\.cause) == ["contract: in a bad mood"])
            var filter = ParkedFilter()
            filter.cause = groups[0].cause
            filter.kind = groups[0].kind
            let kept = try await desk.letters.discard(.matching(filter), Self.request)
            #expect(kept.items.map(\.state) == [.kept, .kept, .kept])
            desk.mood.current = .ignores
            let gone = try await desk.letters.discard(.matching(filter), Self.request)
            #expect(gone.items.map(\.state) == [.discarded, .discarded, .discarded])
            filter.consumer = "nobody"
            await #expect(throws: DeadLetterRefusal.notFound) {
                try await desk.letters.replay(.matching(filter), Self.request)
            }
        }
    }
}
