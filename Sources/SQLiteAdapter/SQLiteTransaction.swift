import Foundation
import GRDB
import SQLCore

/// A transaction on GRDB's connection; useless after ``end()``, so a handle that escaped cannot do harm.
final class SQLiteTransaction: SQLTransaction {
    let dialect = SQLDialect.sqlite
    private var database: Database?
    private let isReadOnly: Bool

    init(_ database: Database, isReadOnly: Bool) {
        self.database = database
        self.isReadOnly = isReadOnly
    }

    func end() { database = nil }

    @discardableResult
    func execute(_ statement: SQLStatement) throws -> Int {
        let database = try connection(toWrite: true)
        return try mapped {
            let prepared = try database.cachedStatement(sql: statement.text)
            try prepared.execute(arguments: StatementArguments(statement.values.map(\.databaseValue)))
            return database.changesCount
        }
    }

    func rows(_ statement: SQLStatement) throws -> [SQLRow] {
        let database = try connection(toWrite: false)
        return try mapped {
            let prepared = try database.cachedStatement(sql: statement.text)
            if isReadOnly, !prepared.isReadonly { throw SQLError(.misuse, "a write in a read-only transaction") }
            let cursor = try Row.fetchCursor(
                prepared, arguments: StatementArguments(statement.values.map(\.databaseValue)))
            let columns = SQLRow.Columns(prepared.columnNames)
            let width = columns.names.count
            var rows: [SQLRow] = []
            while let row = try cursor.next() {
                rows.append(
                    SQLRow(columns: columns, values: (0..<width).map { SQLValue(row[$0] as DatabaseValue) }))
            }
            return rows
        }
    }

    func script(_ sql: String) throws {
        let database = try connection(toWrite: true)
        try mapped { try database.execute(sql: sql) }
    }

    private func connection(toWrite: Bool) throws -> Database {
        guard let database else {
            throw SQLError(
                .misuse, "the transaction has ended; use its handle only inside the closure that received it")
        }
        guard !toWrite || !isReadOnly else { throw SQLError(.misuse, "a write in a read-only transaction") }
        return database
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .bytes(let bytes): bytes.databaseValue
        case .uuid(let id): withUnsafeBytes(of: id.uuid) { Data($0) }.databaseValue
        case .bool(let flag): (flag ? 1 : 0).databaseValue
        }
    }

    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let number): self = .integer(number)
        case .double(let number): self = .real(number)
        case .string(let text): self = .text(text)
        case .blob(let bytes): self = .bytes(bytes)
        }
    }
}

extension SQLError {
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
