import CSQLiteStart
import Foundation
import GRDB
import SQLCore

/// SQLite through GRDB: write-ahead log, `synchronous = FULL`, one writing process, concurrent commands in one commit.
public final class SQLiteDatabase: SQLDatabase {
    /// SQLite's.
    public var dialect: SQLDialect { .sqlite }

    private let connections: any DatabaseWriter
    var source: any DatabaseReader { connections }
    private let committer: GroupCommit
    private let reader: GroupRead
    private let columns = ColumnCache()
    private let lock: ProcessLock?

    /// How a database file is opened.
    public enum Access: Sendable {
        /// The one writing process; the file is created if it is missing.
        case writer
        /// One of any number of readers, beside a writer or alone. Writing is refused.
        case reader
    }

    /// Opens a database file.
    ///
    /// - Throws: ``SQLError`` `.locked` if another process writes to it, `.unavailable` if it cannot be opened, `.misuse` if
    ///   it is no database or SQLite does not keep the durability it is asked for.
    public static func open(path: String, access: Access = .writer) throws -> SQLiteDatabase {
        try SQLiteFile.check(path)
        switch access {
        case .writer:
            let lock = try ProcessLock(databasePath: path)
            let pool = try mapped { try DatabasePool(path: path, configuration: configuration()) }
            let database = SQLiteDatabase(pool, lock: lock)
            try database.assertDurability()
            return database
        case .reader:
            guard FileManager.default.fileExists(atPath: path) else {
                throw SQLError(.unavailable, "there is no database at '\(path)'")
            }
            var configuration = configuration()
            configuration.readonly = true
            return SQLiteDatabase(
                try mapped { try DatabasePool(path: path, configuration: configuration) }, lock: nil)
        }
    }

    /// A database that lives in memory as long as this object, for tests.
    ///
    /// - Throws: ``SQLError``.
    public static func inMemory() throws -> SQLiteDatabase {
        SQLiteDatabase(try mapped { try DatabaseQueue(configuration: configuration()) }, lock: nil)
    }

    private init(_ connections: any DatabaseWriter, lock: ProcessLock?) {
        self.connections = connections
        self.lock = lock
        committer = GroupCommit(connections, columns: columns)
        reader = GroupRead(connections, columns: columns)
    }

    /// See ``SQLDatabase``; concurrent calls share a commit.
    @discardableResult
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        guard !connections.configuration.readonly else {
            throw SQLError(.misuse, "this connection only reads")
        }
        return try await committer.run(body)
    }

    /// See ``SQLDatabase``.
    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await reader.run(body)
    }

    /// See ``SQLDatabase``.
    public func listen(_ listener: @escaping @Sendable (CommitNews) -> Void) { committer.listen(listener) }

    /// Ends all connections after what is under way.
    ///
    /// - Throws: ``SQLError`` if a statement is still open.
    public func close() throws {
        try mapped { try connections.close() }
        lock?.release()
    }

    /// Puts the whole log into the file, so that the file alone is the database, and closes. The last of several connections to close may be
    /// a reader, which cannot do that.
    ///
    /// - Throws: ``SQLError`` if somebody else has the database open.
    public func closeIntoOneFile() throws {
        try mapped {
            _ = try connections.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        }
        try close()
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "purchase.sqlite"
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            // 64 MiB of page cache a connection; negative means KiB (sqlite.org/pragma.html#pragma_cache_size).
            try database.execute(sql: "PRAGMA cache_size = -65536")
            // Savepoints of a large group keep the pages they may have to put back; in memory, not in a temporary file.
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    /// Sets `synchronous = FULL` after opening (GRDB sets NORMAL for a pool) and reads it back: a commit that was answered
    /// must survive a power cut.
    private func assertDurability() throws {
        try mapped {
            try connections.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                // A checkpoint every 64 MiB of log: every 4 MiB, as SQLite has it, means twenty a second at saturation, each
                // with an fsync of its own. The log is cut back to that size when it is reused.
                try database.execute(sql: "PRAGMA wal_autocheckpoint = 16384")
                try database.execute(sql: "PRAGMA journal_size_limit = 67108864")
                let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? "unknown"
                let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? -1
                guard mode.lowercased() == "wal", synchronous == 2 else {
                    throw SQLError(
                        .misuse,
                        "SQLite runs with journal_mode=\(mode), synchronous=\(synchronous); WAL and FULL are required")
                }
            }
        }
    }
}

/// Runs `body`, turning GRDB's errors into this project's.
func mapped<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as DatabaseError { throw SQLError(error) }
}
