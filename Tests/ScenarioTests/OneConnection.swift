import SQLCore

/// A database in memory whose reads go through its writer. Switching a lone SQLite connection to reading and back expires
/// every prepared statement of it, which would double the time that scenarios take.
struct OneConnection: SQLDatabase {
    let database: any SQLDatabase

    var dialect: SQLDialect { database.dialect }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await database.write(body)
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await database.write(body)
    }

    func listen(_ listener: @escaping @Sendable (CommitNews) -> Void) { database.listen(listener) }
}
