import FoundationEssentials
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaTesting
import Testing

@testable import SagaSQL

/// One of several processes on the same tables.
private struct Elsewhere: SQLDatabase {
    let base: SQLiteDatabase
    let origin: Int64?
    var dialect: SQLDialect { base.dialect }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await base.write { try body(Numbered(base: $0, origin: origin)) }
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result { try await base.read(body) }

    /// Each hears only of what it takes over: the tests know who wrote what.
    func listen(_ listener: @escaping @Sendable (CommitNews) -> Void) {}

    private struct Numbered: SQLTransaction {
        let base: any SQLTransaction
        let origin: Int64?
        var dialect: SQLDialect { base.dialect }
        func execute(_ statement: SQLStatement) throws -> Int { try base.execute(statement) }
        func rows(_ statement: SQLStatement) throws -> [SQLRow] { try base.rows(statement) }
        func script(_ sql: String) throws { try base.script(sql) }
        func announce(_ news: any Sendable) { base.announce(news) }
    }
}

@Suite struct AdoptionTests {
    private let clock = ManualClock()
    private let file: SQLiteDatabase

    init() async throws {
        file = try SQLiteDatabase.inMemory()
        try await Migrator(EngineMigrations.sqlite).migrate(file, now: 0)
    }

    private func write(_ count: Int, by origin: Int64?) async throws {
        let envelopes = (0..<count).map { _ in
            Envelope(
                id: UUID(), type: "a.made", version: 1, source: "maker", subject: nil, time: clock.now(),
                correlationID: nil, causationID: nil, traceparent: nil, data: Data("{}".utf8))
        }
        try await Elsewhere(base: file, origin: origin).write { try Outbox.append(envelopes, in: $0) }
    }

    private func owners() async throws -> [Int64?] {
        try await file.read {
            try $0.rows("SELECT relay FROM saga_outbox ORDER BY seq").map { try $0.optionalInt64("relay") }
        }
    }

    private func presence(of origin: Int64) -> RelayPresence { RelayPresence(of: origin, on: file, clock: clock) }

    /// Lets time pass in which `living` say that they live.
    private func pass(_ duration: Duration, living: [RelayPresence]) async throws {
        var left = duration
        while left > .zero {
            for presence in living { _ = try await presence.poll() }
            clock.advance(by: min(left, .seconds(2)))
            left -= min(left, .seconds(2))
        }
        for presence in living { _ = try await presence.poll() }
    }

    /// The process with this presence takes over what may be taken over.
    private func adopt(_ presence: RelayPresence) async throws -> RelayBook {
        let database = Elsewhere(base: file, origin: presence.relay)
        let book = RelayBook(of: database, clock: clock)
        _ = book.takeMissing()
        let adoption = OutboxAdoption(on: database, by: presence, in: book, clock: clock, batch: 2)
        while try await adoption.poll() == .worked {}
        return book
    }

    @Test func `rows of a process that was silent for eight seconds are taken over, those of a living one are not`()
        async throws
    {
        let (first, third) = (presence(of: 1), presence(of: 3))
        _ = try await presence(of: 2).poll()
        try await write(3, by: 2)
        try await write(1, by: 3)
        try await pass(.milliseconds(7_999), living: [first, third])
        #expect(try await adopt(first).takeMissing() == nil)
        try await pass(.milliseconds(1), living: [first, third])
        #expect(try await adopt(first).takeMissing() == 1)
        #expect(try await owners() == [1, 1, 1, 3])
    }

    @Test func `after a pause of the database, in which nobody could say that he lives, nobody is taken over`()
        async throws
    {
        let (first, second) = (presence(of: 1), presence(of: 2))
        try await pass(.seconds(20), living: [first, second])
        try await write(1, by: 2)
        clock.advance(by: .seconds(30))
        _ = try await first.poll()
        _ = try await adopt(first)
        #expect(try await owners() == [2])
        try await pass(.seconds(8), living: [first])
        _ = try await adopt(first)
        #expect(try await owners() == [1], "it never came back")
    }

    @Test func `a process that began a moment ago and has not said that it lives keeps its rows`() async throws {
        let first = presence(of: 1)
        try await pass(.seconds(10), living: [first])
        try await write(1, by: 2)
        try await pass(.milliseconds(2_999), living: [first])
        _ = try await adopt(first)
        #expect(try await owners() == [2])
        clock.advance(by: .milliseconds(1))
        _ = try await adopt(first)
        #expect(try await owners() == [1])
    }

    @Test func `a clock that was far ahead when its process died keeps nobody from taking over`() async throws {
        let first = presence(of: 1)
        try await file.write { transaction in
            try transaction.execute(
                "INSERT INTO saga_relays (relay, until) VALUES (\(Int64(2)), \((clock.now() + .seconds(3600)).milliseconds))"
            )
        }
        try await write(1, by: 2)
        try await pass(.seconds(10), living: [first])
        _ = try await adopt(first)
        #expect(try await owners() == [1])
    }

    @Test func `rows that nobody's relay wrote are taken at once, and those of a process that left`() async throws {
        let (first, second) = (presence(of: 1), presence(of: 2))
        try await write(1, by: nil)
        _ = try await first.poll()
        _ = try await adopt(first)
        #expect(try await owners() == [1])
        try await write(1, by: 2)
        try await pass(.seconds(10), living: [first, second])
        _ = try await adopt(first)
        #expect(try await owners() == [1, 2])
        try await second.leave()
        _ = try await adopt(first)
        #expect(try await owners() == [1, 1])
    }

    @Test func `everybody hears that a living relay is behind, until it no longer is or no longer lives`() async throws
    {
        let book = RelayBook(of: file, clock: clock)
        let presence = RelayPresence(of: 1, in: book, on: file, clock: clock)
        let isAnyBehind = { [file, clock] in
            try await file.read { try RelayPresence.isAnyBehind(at: clock.now(), in: $0) }
        }
        _ = book.takeMissing()
        book.add([])
        try await write(1, by: 1)
        let waiting = try await file.read { try OutboxReader.deliveries(after: 0, in: $0) }
        book.add(waiting)
        clock.advance(by: .seconds(10))
        _ = try await presence.poll()
        #expect(try await !isAnyBehind())
        clock.advance(by: .milliseconds(1))
        _ = try await presence.poll()
        #expect(try await isAnyBehind())
        clock.advance(by: .seconds(8))
        #expect(try await !isAnyBehind(), "it has not said so for eight seconds")
        _ = try await presence.poll()
        #expect(try await isAnyBehind())
        book.note(sent: book.take(10), [Receipt("r")], during: book.generation)
        clock.advance(by: .milliseconds(10_001))
        _ = try await presence.poll()
        #expect(try await isAnyBehind(), "it was sent, and nobody has it")
        book.note(acknowledged: [Receipt("r")], dueAfter: .zero)
        _ = try await presence.poll()
        #expect(try await !isAnyBehind())
    }

    @Test func `what was taken over is sent by its new relay`() async throws {
        try await write(2, by: 2)
        let first = presence(of: 1)
        try await pass(.seconds(10), living: [first])
        let participants = [SQLParticipant(service: "one") { Subscribe<MadeA>() }]
        let broker = MemoryBroker(participants: participants)
        let database = Elsewhere(base: file, origin: 1)
        let relay = OutboxRelay(database, to: broker, participants: participants, clock: clock, ownership: .own(1))
        #expect(try await relay.poll() != .worked, "not its rows")
        _ = try await OutboxAdoption(on: database, by: first, in: relay.book, clock: clock).poll()
        #expect(try await relay.poll() == .worked)
        #expect(try await broker.receive(for: "one", types: ["a.made"], limit: 10).count == 2)
    }
}
