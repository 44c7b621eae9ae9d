import Foundation
import Notifications
import PostgresAdapter
import PurchaseApp
import PurchaseContracts
import SQLCore
import SQLiteAdapter
import SagaChoreography
import TestServers
import Testing

/// A database of an earlier version, with rows in it, and the migrations that came since.
@Suite struct `A database of an earlier version` {
    private static let since = [
        "users/0004_contacts", "users/0002_contacts", "notifications/0002_channels", "notifications/0003_trace",
        "notifications/0004_coupons",
    ]

    @Test func `keeps its notifications on SQLite`() async throws {
        try await upgrade(try SQLiteDatabase.inMemory())
    }

    @Test(.enabled(if: PostgresServer.requirement.allowsTests, "\(PostgresServer.requirement.explanation)"))
    func `keeps its notifications on PostgreSQL`() async throws {
        let server = try await PostgresServer.shared()
        let endpoint = try await server.makeDatabase()
        let database = PostgresDatabase(
            endpoint, PostgresSettings(poolSize: 2, searchPath: PurchaseSystem.schemas))
        try await upgrade(database)
        database.close()
        try await server.drop(endpoint)
    }

    private func upgrade(_ database: any SQLDatabase) async throws {
        let all = PurchaseSystem.migrations(for: database.dialect)
        let earlier = all.filter { !Self.since.contains($0.id) }
        try await Migrator(earlier).migrate(database, now: 0)
        let order = OrderID(UUID())
        let parameters = #"{"amount":1000,"currency":"KRW","item":"sword","otherLines":0}"#
        let rows: [(channel: String, state: String, due: Int64?, error: String?, sent: Int64?)] = [
            ("a", "PENDING", 5, nil, nil), ("b", "SENT", nil, nil, 7), ("c", "FAILED", nil, "mailbox full", nil),
        ]
        try await database.write { transaction in
            let event = UUID()
            for row in rows {
                try transaction.execute(
                    """
                    INSERT INTO notifications_messages (id, event_id, channel, order_id, user_id, template, parameters,
                        state, attempts, next_attempt_at, last_error, created_at, sent_at)
                    VALUES (\(UUID()), \(event), \(row.channel), \(order), \(UUID()), 'order.completed', \(parameters),
                        \(row.state), 3, \(row.due), \(row.error), 1, \(row.sent))
                    """)
            }
        }
        #expect(try await Migrator(all).migrate(database, now: 0).count == all.count - earlier.count)

        let kept = try await database.read { try NotificationQueries($0).notifications(of: order) }
            .sorted { $0.message.channel < $1.message.channel }
        #expect(kept.map(\.message.channel) == rows.map(\.channel))
        #expect(kept.map(\.state.rawValue) == rows.map(\.state))
        #expect(kept.map(\.lastError) == rows.map(\.error))
        #expect(kept.map(\.sentAt?.milliseconds) == rows.map(\.sent))
        #expect(kept.allSatisfy { $0.message.attempts == 3 && $0.message.createdAt.milliseconds == 1 })
        #expect(
            try await database.read { try NotificationQueries($0).nextDueAt(by: "a") } == Timestamp(milliseconds: 5))
        try await database.write { transaction in
            try transaction.execute(
                """
                UPDATE notifications_messages SET state = 'SKIPPED', next_attempt_at = NULL, last_error = 'no address'
                WHERE channel = 'a'
                """)
        }
        await #expect(throws: SQLError.self) {
            try await database.write { transaction in
                try transaction.execute("UPDATE notifications_messages SET last_error = NULL WHERE channel = 'a'")
            }
        }
    }
}
