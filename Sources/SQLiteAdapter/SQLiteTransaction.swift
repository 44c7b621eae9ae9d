import Foundation
import GRDB
import SQLCore

/// A transaction on GRDB's connection; useless after ``end()``, so a handle that escaped cannot do harm.
final class SQLiteTransaction: SQLTransaction {
    let dialect = SQLDialect.sqlite
    private var database: Database?
    private let isReadOnly: Bool
    private let cache: ColumnCache
    private(set) var news: [any Sendable] = []

    init(_ database: Database, isReadOnly: Bool, columns cache: ColumnCache) {
        self.database = database
        self.isReadOnly = isReadOnly
        self.cache = cache
    }

    func end() { database = nil }

    @discardableResult
    func execute(_ statement: SQLStatement) throws -> Int {
        let database = try connection(toWrite: true)
        return try mapped {
            let prepared = try PreparedStatement(statement, on: database)
            defer { prepared.reset() }
            while try prepared.step() {}
            return database.changesCount
        }
    }

    func rows(_ statement: SQLStatement) throws -> [SQLRow] {
        let database = try connection(toWrite: false)
        return try mapped {
            let prepared = try PreparedStatement(statement, on: database)
            defer { prepared.reset() }
            if isReadOnly, !prepared.isReadOnly { throw SQLError(.misuse, "a write in a read-only transaction") }
            guard try prepared.step() else { return [] }
            let columns = cache.columns(of: statement.text) { prepared.columnNames }
            var rows: [SQLRow] = []
            repeat { rows.append(prepared.row(columns)) } while try prepared.step()
            return rows
        }
    }

    func script(_ sql: String) throws {
        let database = try connection(toWrite: true)
        try mapped { try database.execute(sql: sql) }
    }

    func announce(_ news: any Sendable) { self.news.append(news) }

    private func connection(toWrite: Bool) throws -> Database {
        guard let database else {
            throw SQLError(
                .misuse, "the transaction has ended; use its handle only inside the closure that received it")
        }
        guard !toWrite || !isReadOnly else { throw SQLError(.misuse, "a write in a read-only transaction") }
        return database
    }
}

extension SQLError {
    /// GRDB's errors as this project's; any other as it is.
    static func translated(_ error: any Error) -> any Error { (error as? DatabaseError).map { SQLError($0) } ?? error }

    /// Result codes: sqlite.org/rescode.html. GRDB's message may name tables and constraints, never values.
    init(_ error: DatabaseError) {
        let code: Code =
            switch error.resultCode {
            case .SQLITE_CONSTRAINT: .constraint
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
            case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_NOMEM, .SQLITE_INTERRUPT, .SQLITE_ABORT,
                .SQLITE_READONLY:
                .unavailable
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
            default: .misuse
            }
        self.init(code, "\(error.extendedResultCode): \(error.message ?? "no message")")
    }
}
