import SQLCore
import Synchronization

/// PostgreSQL through libpq: READ COMMITTED for changes, one snapshot for reads, a bounded pool of connections.
///
/// A transaction that met a deadlock or a serialization failure, or whose connection broke before it was told to commit, is run
/// again: nothing of it exists.
public final class PostgresDatabase: SQLDatabase {
    /// PostgreSQL's.
    public var dialect: SQLDialect { .postgres }

    /// See ``SQLDatabase``.
    public let origin: Int64?

    /// Where it is.
    public let endpoint: PostgresEndpoint
    private let pool: PostgresPool
    private let reader: PostgresGroupRead
    private let listeners = Mutex<[@Sendable (CommitNews) -> Void]>([])

    /// How often a transaction is run, at most. Of those that deadlock one of two goes on each time, so that one in two thousand is
    /// unlucky every time; after a restart of the server more runs may meet a connection of before than the pool usually has.
    static let mostRuns = 12

    /// A database that connects when it is first used.
    ///
    /// - Parameter origin: see ``SQLDatabase``.
    public init(
        _ endpoint: PostgresEndpoint, _ settings: PostgresSettings = PostgresSettings(), origin: Int64? = nil
    ) {
        self.endpoint = endpoint
        self.origin = origin
        pool = PostgresPool(endpoint, settings)
        reader = PostgresGroupRead(pool, lanes: max(1, settings.poolSize / 3))
    }

    /// See ``SQLDatabase``.
    @discardableResult
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        var runs = 1
        while true {
            do {
                return try await pool.run { connection in
                    let (result, news) = try self.commit(body, on: connection)
                    // On the connection's thread: whoever waits for the news is not to wait for the caller to be woken as well.
                    if !news.isEmpty { self.tell(.committed(news)) }
                    return result
                }
            } catch let failure as Repeatable {
                guard runs < Self.mostRuns else { throw failure.error }
                runs += 1
            } catch let failure as Uncertain {
                tell(.uncertain)
                throw failure.error
            }
        }
    }

    /// See ``SQLDatabase``; concurrent calls share a connection and a snapshot.
    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await reader.run(body)
    }

    /// See ``SQLDatabase``.
    public func listen(_ listener: @escaping @Sendable (CommitNews) -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    /// How much of the pool is in use, and how long it has been waited for.
    public var use: PostgresPoolUse { pool.use }

    /// Ends all connections after what is under way.
    public func close() { pool.close() }

    /// Runs statements that may not be part of a transaction, such as CREATE DATABASE or VACUUM.
    ///
    /// - Parameter sql: text of the program, never input.
    /// - Throws: ``SQLError``.
    public func outside(_ sql: String) async throws {
        try await pool.run { try $0.control(sql) }
    }

    // MARK: One run

    /// Nothing of the transaction exists, and running it again can help.
    private struct Repeatable: Error { let error: any Error }
    /// COMMIT was sent, and its answer lost.
    private struct Uncertain: Error { let error: any Error }

    private func commit<Result>(
        _ body: (any SQLTransaction) throws -> Result, on connection: PostgresConnection
    ) throws -> (Result, [any Sendable]) {
        connection.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        let transaction = PostgresTransaction(connection, origin: origin, isReadOnly: false)
        defer { transaction.end() }
        let result: Result
        do { result = try body(transaction) } catch {
            connection.rollback()
            guard let error = error as? SQLError else { throw error }
            if error.isStalePlan { connection.forgetPrepared() }
            throw error.isWorthAnotherRun || !connection.isUsable ? Repeatable(error: error) : error
        }
        do { try transaction.commit() } catch {
            if connection.isUsable {
                // The server refused a change to whose answer nobody had waited, or the commit itself.
                guard let error = error as? SQLError else { throw error }
                if error.isStalePlan { connection.forgetPrepared() }
                throw error.isWorthAnotherRun ? Repeatable(error: error) : error
            }
            guard connection.isCommitSent else { throw Repeatable(error: error) }
            throw Uncertain(error: SQLError(.unavailable, "the answer to COMMIT was lost: \(error)"))
        }
        return (result, transaction.news)
    }

    private func tell(_ news: CommitNews) {
        for listener in listeners.withLock({ $0 }) { listener(news) }
    }
}
