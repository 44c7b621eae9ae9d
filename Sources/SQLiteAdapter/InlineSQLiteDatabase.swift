import GRDB
import SQLCore
import Synchronization

/// A database in memory whose transactions run one after the other on the thread that calls: for simulations, which must not
/// leave what runs when to a queue.
///
/// What was written since ``mark()`` can be undone, so that one migrated database serves many runs, its statements prepared.
public final class InlineSQLiteDatabase: SQLDatabase {
    /// SQLite's.
    public var dialect: SQLDialect { .sqlite }

    private let queue: DatabaseQueue
    private let columns = ColumnCache()
    private let listeners = Mutex<[@Sendable (CommitNews) -> Void]>([])

    /// An empty database.
    ///
    /// - Throws: ``SQLError``.
    public init() throws {
        var configuration = Configuration()
        configuration.label = "purchase.simulation"
        // The mark is a savepoint that stays open between transactions.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -65536") }
        queue = try mapped { try DatabaseQueue(configuration: configuration) }
    }

    /// See ``SQLDatabase``; does not suspend.
    @discardableResult
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result { try writeNow(body) }

    /// See ``SQLDatabase``; does not suspend.
    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result { try readNow(body) }

    /// See ``SQLDatabase``.
    public func listen(_ listener: @escaping @Sendable (CommitNews) -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    /// Runs one transaction before it returns.
    ///
    /// - Throws: what `body` throws, ``SQLError``; nothing is changed then.
    @discardableResult
    public func writeNow<Result>(_ body: (any SQLTransaction) throws -> Result) throws -> Result {
        let (result, news) = try mapped {
            try queue.writeWithoutTransaction { database in
                try Self.run("SAVEPOINT step", on: database)
                do {
                    let transaction = SQLiteTransaction(database, isReadOnly: false, columns: columns)
                    defer { transaction.end() }
                    let result = try body(transaction)
                    try Self.run("RELEASE step", on: database)
                    return (result, transaction.news)
                } catch {
                    try Self.run("ROLLBACK TO step", on: database)
                    try Self.run("RELEASE step", on: database)
                    throw error
                }
            }
        }
        if !news.isEmpty { for listener in listeners.withLock({ $0 }) { listener(.committed(news)) } }
        return result
    }

    /// Reads before it returns.
    ///
    /// - Throws: what `body` throws, ``SQLError`` (`.misuse` if it tries to write).
    public func readNow<Result>(_ body: (any SQLTransaction) throws -> Result) throws -> Result {
        try mapped {
            try queue.writeWithoutTransaction { database in
                let transaction = SQLiteTransaction(database, isReadOnly: true, columns: columns)
                defer { transaction.end() }
                return try body(transaction)
            }
        }
    }

    /// Remembers the present content.
    ///
    /// - Throws: ``SQLError``.
    public func mark() throws {
        try mapped { try queue.writeWithoutTransaction { try Self.run("SAVEPOINT mark", on: $0) } }
    }

    /// Brings back the content of the last ``mark()``, which stays.
    ///
    /// - Throws: ``SQLError``.
    public func rewind() throws {
        try mapped { try queue.writeWithoutTransaction { try Self.run("ROLLBACK TO mark", on: $0) } }
    }

    private static func run(_ statement: SQLStatement, on database: Database) throws {
        let prepared = try PreparedStatement(statement, on: database)
        defer { prepared.reset() }
        while try prepared.step() {}
    }
}
