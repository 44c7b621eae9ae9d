import FoundationEssentials
import SQLCore
import SQLiteAdapter
import SagaSQL
import Testing

@Suite struct DeadLetterMigrationTests {
    @Test func `what was parked before stays, and each gets an id of its own that is as old as its event`() async throws
    {
        let database = try SQLiteDatabase.inMemory()
        try await Migrator(Array(EngineMigrations.sqlite.prefix(4))).migrate(database, now: 0)
        let event = UUID()
        try await database.write { transaction in
            for consumer in ["items", "users"] {
                try transaction.execute(
                    """
                    INSERT INTO saga_parked (consumer, event_id, type, envelope, attempts, kind, reason, parked_at)
                    VALUES (\(consumer), \(event), 'a.made', '{}', 3, 'exhausted', 'a fault', 7)
                    """)
            }
        }
        try await Migrator(EngineMigrations.sqlite).migrate(database, now: 0)
        let parked = try await database.read { try ParkedMessages.list(limit: 10, in: $0) }
        #expect(Set(parked.map(\.consumer)) == ["items", "users"])
        #expect(parked.allSatisfy { $0.eventID == event && $0.attempts == 3 && $0.parkedAt.milliseconds == 7 })
        #expect(Set(parked.map(\.id)).count == 2)
        #expect(parked.allSatisfy { $0.id.uuidString.prefix(18) == event.uuidString.prefix(18) })
    }
}
