import PostgresAdapter
import PurchaseApp
import SQLCore
import Synchronization
import TestServers

/// Databases that tests use one after the other: to empty one is much faster than to make one.
///
/// A test gives its database back by letting go of it. Tests that ask when all are in use wait.
final class DatabasePool: Sendable {
    private struct State {
        var free: [PostgresDatabase] = []
        var made = 0
        var waiting: [CheckedContinuation<PostgresDatabase?, Never>] = []
    }

    /// Bounds connections and files; more at the same time are no faster on few cores.
    private static let most = 12

    private let template: Task<(server: PostgresServer, name: String), any Error>
    private let settings: PostgresSettings
    private let state = Mutex(State())

    init(_ settings: PostgresSettings, migrations: [Migration]) {
        self.settings = settings
        template = Task {
            let server = try await PostgresServer.shared()
            let endpoint = try await server.makeDatabase()
            let database = PostgresDatabase(endpoint, settings)
            defer { database.close() }
            try await Migrator(migrations).migrate(database, now: 0)
            return (server, endpoint.database)
        }
    }

    /// An empty, migrated database.
    func borrow() async throws -> BorrowedDatabase {
        if let used = await take() {
            try await used.write { try $0.script(Self.emptying(in: $0)) }
            return BorrowedDatabase(used, self)
        }
        let (server, name) = try await template.value
        return BorrowedDatabase(PostgresDatabase(try await server.makeDatabase(from: name), settings), self)
    }

    /// - Returns: `nil` if a new one may be made.
    private func take() async -> PostgresDatabase? {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> PostgresDatabase?? in
                if let free = state.free.popLast() { return .some(free) }
                guard state.made == Self.most else {
                    state.made += 1
                    return .some(nil)
                }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    fileprivate func giveBack(_ database: PostgresDatabase) {
        let waiting = state.withLock { state -> CheckedContinuation<PostgresDatabase?, Never>? in
            guard !state.waiting.isEmpty else {
                state.free.append(database)
                return nil
            }
            return state.waiting.removeFirst()
        }
        waiting?.resume(returning: database)
    }

    private static func emptying(in transaction: any SQLTransaction) throws -> String {
        let tables = try transaction.rows(
            """
            SELECT schemaname || '.' || tablename AS name FROM pg_tables
            WHERE schemaname IN (\(list: PurchaseSystem.schemas)) AND tablename <> 'schema_migrations'
            """)
        // Without foreign keys and triggers, so in any order.
        return try "SET LOCAL session_replication_role = replica;"
            + tables.map { "DELETE FROM \(try $0.text("name"));" }.joined()
    }
}

/// A database that goes back to its pool when nobody holds it any more.
final class BorrowedDatabase: SQLDatabase {
    private let database: PostgresDatabase
    private let pool: DatabasePool

    var dialect: SQLDialect { database.dialect }

    init(_ database: PostgresDatabase, _ pool: DatabasePool) {
        self.database = database
        self.pool = pool
    }

    deinit { pool.giveBack(database) }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await database.write(body)
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await database.read(body)
    }

    func listen(_ listener: @escaping @Sendable (CommitNews) -> Void) { database.listen(listener) }
}
