import FoundationEssentials
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

/// What two programs call by one name: the older one knows the first version of it, the newer one the second.
private enum Older {
    struct Booked: Event {
        static let type: EventType = "booked"
        var saga: UUID
        var seats: Int64
        var subject: UUID? { saga }
    }
}

private enum Newer {
    struct Booked: Event {
        static let type: EventType = "booked"
        static let version = 2
        var saga: UUID
        /// Instead of a number of them.
        var rows: [Int64]
        var subject: UUID? { saga }

        static func upcast(_ data: Data, from version: Int) throws -> Booked {
            struct First: Decodable {
                var saga: UUID
                var seats: Int64
            }
            let first = try JSONDecoder().decode(First.self, from: data)
            return Booked(saga: first.saga, rows: [first.seats])
        }
    }
}

private struct Book<E: Event>: Command {
    static var id: ReactionID { "desk.book" }
    let event: E
    func execute(in step: SQLStep) throws -> Decision<Bool, E> { Decision(true, emits: event) }
}

/// Notes how many seats it was told of; faults while it is told to.
private struct CountSeats<E: Event>: Reaction {
    static var id: ReactionID { "hall.count" }
    static var usesInbox: Bool { true }
    let seats: @Sendable (E) -> Int64
    var isFaulty = false

    func react(to event: E, in step: SQLStep) throws -> Reply<Silence, Never> {
        if isFaulty { throw SagaFault.retryable("the hall is closed") }
        try step.transaction.execute("UPDATE hall SET seats = seats + \(seats(event))")
        return .accept(Silence())
    }
}

/// One database and the programs that run on it, one after the other or side by side.
private struct Hall {
    let database: SQLiteDatabase
    let clock = ManualClock()
    let random = SeededRandom(seed: 7)
    let observer = RecordingObserver()

    init() async throws {
        database = try SQLiteDatabase.inMemory()
        let table = Migration("hall/0001", "CREATE TABLE hall (seats INTEGER NOT NULL); INSERT INTO hall VALUES (0);")
        try await Migrator(EngineMigrations.sqlite + [table]).migrate(database, now: 0)
    }

    var ids: any IDGenerator { UUIDv7Generator(clock: clock, random: random) }

    func older(isFaulty: Bool = false) -> SQLParticipant {
        SQLParticipant(service: "hall", commands: [AnyCommand(Book<Older.Booked>.self)]) {
            CountSeats<Older.Booked>(seats: { $0.seats }, isFaulty: isFaulty)
        }
    }

    var newer: SQLParticipant {
        SQLParticipant(service: "hall", commands: [AnyCommand(Book<Newer.Booked>.self)]) {
            CountSeats<Newer.Booked>(seats: { Int64($0.rows.count) * 100 + $0.rows.reduce(0, +) })
        }
    }

    func consumer(_ participant: SQLParticipant) throws -> Consumer<SQLSagaStore, EmbeddedTransport> {
        Consumer(
            participant, store: SQLSagaStore(database), transport: try EmbeddedTransport(database),
            policy: RetryPolicy(),
            clock: clock, ids: ids, random: random, observer: observer)
    }

    var commands: SQLCommands {
        SQLCommands(
            service: "desk", store: SQLSagaStore(database), clock: clock, ids: ids, observer: observer, probe: NoProbe()
        )
    }

    func book<E: Event>(_ event: E) async throws { _ = try await commands.run(Book(event: event)) }

    func letters(of participant: SQLParticipant) -> DeadLetters {
        DeadLetters(
            on: ServiceDatabases(database), commands: { _ in commands },
            rules: DeadLetterRules(participants: [participant], stateTables: [:]), clock: clock, ids: ids)
    }

    func parked() async throws -> [ParkedMessage] {
        try await database.read { try ParkedMessages.list(limit: 10, in: $0) }
    }

    func seats() async throws -> Int64 {
        try await database.read { try $0.first("SELECT seats FROM hall")?.int64("seats") ?? -1 }
    }
}

@Suite struct `Two versions of an event` {
    private let saga = UUID()
    private static let request = InterventionRequest(by: UUID(), reason: "all processes are new")

    @Test func `what an older program left in the outbox is read by a newer one`() async throws {
        let hall = try await Hall()
        try await hall.book(Older.Booked(saga: saga, seats: 3))
        try await hall.book(Newer.Booked(saga: saga, rows: [4]))
        let consumer = try hall.consumer(hall.newer)
        #expect(try await consumer.poll() == .worked)
        #expect(try await hall.seats() == 103 + 104)
        #expect(try await hall.parked().isEmpty)
    }

    @Test func `what waits for a retry of an older program is read by a newer one`() async throws {
        let hall = try await Hall()
        try await hall.book(Older.Booked(saga: saga, seats: 3))
        #expect(try await hall.consumer(hall.older(isFaulty: true)).poll() == .worked)
        hall.clock.advance(by: .seconds(60))
        #expect(try await hall.consumer(hall.newer).poll() == .worked)
        #expect(try await hall.seats() == 103)
    }

    @Test func `what an older program parked is replayed by a newer one`() async throws {
        let hall = try await Hall()
        try await hall.book(Older.Booked(saga: saga, seats: 3))
        let older = try hall.consumer(hall.older(isFaulty: true))
        for _ in 0..<4 {
            _ = try await older.poll()
            hall.clock.advance(by: .seconds(60))
        }
        let letter = try #require(try await hall.parked().first)
        #expect(letter.kind == .exhausted)

        let letters = hall.letters(of: hall.newer)
        #expect(try await letters.plan(.replay, .one(letter.id)).map(\.effect) == [.handled(.applied, emits: [])])
        _ = try await letters.replay(.one(letter.id), Self.request)
        _ = try await hall.consumer(hall.newer).poll()
        #expect(try await hall.seats() == 103)
        #expect(try await hall.parked().isEmpty)
    }

    @Test func `data that is not what its older version says is parked at once, not tried again`() async throws {
        let hall = try await Hall()
        struct Half: Event {
            static let type: EventType = "booked"
            var saga: UUID
            var subject: UUID? { saga }
        }
        try await hall.book(Half(saga: saga))
        _ = try await hall.consumer(hall.newer).poll()
        let letter = try #require(try await hall.parked().first)
        #expect(letter.kind == .undecodable)
        #expect(letter.cause.contains("booked v1: required field 'seats' is missing"), "\(letter.cause)")
    }

    @Test func `a version that an older program does not know is parked, delays nothing, and is replayed later`()
        async throws
    {
        let hall = try await Hall()
        try await hall.book(Newer.Booked(saga: saga, rows: [4]))
        try await hall.book(Older.Booked(saga: UUID(), seats: 3))
        let older = try hall.consumer(hall.older())
        _ = try await older.poll()
        #expect(try await hall.seats() == 3)
        let letter = try #require(try await hall.parked().first)
        #expect(letter.kind == .undecodable)
        #expect(letter.cause == "undecodable: booked v2 was written by a newer program; this one reads up to v1")

        // A replay in the older program is harmless; one in the newer ends it.
        _ = try await hall.letters(of: hall.older()).replay(.one(letter.id), Self.request)
        _ = try await hall.consumer(hall.older()).poll()
        #expect(try await hall.parked().map(\.kind) == [.undecodable])
        _ = try await hall.letters(of: hall.newer).replay(.one(letter.id), Self.request)
        _ = try await hall.consumer(hall.newer).poll()
        #expect(try await hall.seats() == 3 + 104)
        #expect(try await hall.parked().isEmpty)
    }

    @Test func `a copy that a newer program handled makes the parked one a no-op`() async throws {
        let hall = try await Hall()
        try await hall.book(Newer.Booked(saga: saga, rows: [4]))
        _ = try await hall.consumer(hall.older()).poll()
        let letter = try #require(try await hall.parked().first)
        // As a resync delivers it: the same event, to whoever of the group takes it.
        try await hall.consumer(hall.newer).deliver([Delivery(envelope: try letter.opened(), position: 0)])
        #expect(try await hall.seats() == 104)
        let letters = hall.letters(of: hall.newer)
        #expect(try await letters.plan(.replay, .one(letter.id)).map(\.effect) == [.handled(.duplicate, emits: [])])
        _ = try await letters.discard(.one(letter.id), Self.request)
        #expect(try await hall.parked().isEmpty)
    }
}
