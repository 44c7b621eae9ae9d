import FoundationEssentials
import SQLCore
import SQLiteAdapter
import SagaChoreography
import Testing

@testable import SagaSQL

@Suite struct OutboxMigrationTests {
    private func event() -> Envelope {
        Envelope(
            id: UUID(), type: "a.made", version: 1, source: "maker", subject: nil, time: Timestamp(milliseconds: 1),
            correlationID: nil, causationID: nil, traceparent: nil, data: Data("{}".utf8))
    }

    /// As the version before ``saga/0003_relays`` wrote it.
    private func write(_ event: Envelope, in transaction: any SQLTransaction) throws {
        try transaction.execute(
            """
            INSERT INTO saga_outbox (id, type, version, source, time, data)
            VALUES (\(event.id), \(event.type.name), \(Int64(1)), \(event.source.name), \(Int64(1)), \("{}"))
            """)
    }

    @Test(arguments: [true, false])
    func `positions go on where they were when the outbox is made leaner, also if it is empty`(
        isEmpty: Bool
    ) async throws {
        let database = try SQLiteDatabase.inMemory()
        try await Migrator(Array(EngineMigrations.sqlite.prefix(2))).migrate(database, now: 0)
        let events = (1...3).map { _ in event() }
        try await database.write { transaction in
            for event in events { try write(event, in: transaction) }
            if isEmpty { try transaction.execute("DELETE FROM saga_outbox") }
        }
        try await Migrator(EngineMigrations.sqlite).migrate(database, now: 0)
        let latest = event()
        try await database.write { try Outbox.append([latest], in: $0) }
        let found = try await database.read { try OutboxReader.deliveries(after: 0, in: $0) }
        #expect(found.map(\.position) == (isEmpty ? [4] : [1, 2, 3, 4]))
        #expect(found.map(\.envelope.id) == (isEmpty ? [] : events.map(\.id)) + [latest.id])
    }
}
