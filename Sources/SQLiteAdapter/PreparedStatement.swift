import Foundation
import GRDB
import GRDBSQLite
import SQLCore
import Synchronization

/// One run of a prepared statement, on SQLite's own interface: GRDB opens connections, prepares and keeps statements, but its
/// boxed arguments and rows cost more than the statements of a saga's step.
struct PreparedStatement {
    private let handle: OpaquePointer
    private let database: Database
    /// The bytes of all texts and blobs that are bound, in one piece: SQLite reads them there and copies none.
    private let arena: UnsafeMutableRawBufferPointer?

    /// - Throws: `DatabaseError` if the text is no SQL or a value cannot be bound.
    init(_ statement: SQLStatement, on database: Database) throws {
        let source = statement.withoutLists
        handle = try database.cachedStatement(sql: source.text).sqliteStatement
        self.database = database
        sqlite3_reset(handle)
        guard Int(sqlite3_bind_parameter_count(handle)) == source.values.count else {
            throw SQLError(.misuse, "\(source.values.count) values for another number of parameters")
        }
        let size = source.values.reduce(0) { $0 + $1.boundBytes }
        arena = size > 0 ? .allocate(byteCount: size, alignment: 16) : nil
        var next = 0
        do {
            for (index, value) in source.values.enumerated() { try check(try bind(value, at: Int32(index + 1), &next)) }
        } catch {
            reset()
            throw error
        }
    }

    var isReadOnly: Bool { sqlite3_stmt_readonly(handle) != 0 }

    /// Runs to the next row.
    ///
    /// - Returns: whether there is one.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw error(code)
        }
    }

    /// Ends the run and forgets the values. An error of the run was thrown by ``step()`` already.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        arena?.deallocate()
    }

    /// The names of the result's columns.
    var columnNames: [String] {
        (0..<sqlite3_column_count(handle)).map { String(cString: sqlite3_column_name(handle, $0)) }
    }

    /// The row that ``step()`` came to.
    func row(_ columns: SQLRow.Columns) -> SQLRow {
        SQLRow(columns: columns, values: (0..<Int32(columns.names.count)).map { value(at: $0) })
    }

    private func bind(_ value: SQLValue, at index: Int32, _ next: inout Int) throws -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let number): return sqlite3_bind_int64(handle, index, number)
        case .real(let number): return sqlite3_bind_double(handle, index, number)
        case .bool(let flag): return sqlite3_bind_int64(handle, index, flag ? 1 : 0)
        case .text(var text):
            return bindText(text.withUTF8 { keep(UnsafeRawBufferPointer($0), &next) }, at: index)
        case .utf8(let text): return bindText(text.withUnsafeBytes { keep($0, &next) }, at: index)
        case .bytes(let bytes): return bindBytes(bytes.withUnsafeBytes { keep($0, &next) }, at: index)
        case .uuid(let id): return bindBytes(withUnsafeBytes(of: id.uuid) { keep($0, &next) }, at: index)
        case .list: throw SQLError(.misuse, "a list is bound to what is no IN ($n)")
        }
    }

    private func bindText(_ text: UnsafeRawBufferPointer, at index: Int32) -> Int32 {
        // A null pointer would bind NULL, not an empty text.
        guard let start = text.baseAddress else { return sqlite3_bind_text(handle, index, "", 0, Self.copied) }
        return sqlite3_bind_text(handle, index, start.assumingMemoryBound(to: CChar.self), Int32(text.count), nil)
    }

    /// SQLITE_TRANSIENT: SQLite copies what it is given (sqlite.org/c3ref/c_static.html).
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private func bindBytes(_ bytes: UnsafeRawBufferPointer, at index: Int32) -> Int32 {
        // A null pointer would bind NULL, not an empty blob.
        guard let start = bytes.baseAddress else { return sqlite3_bind_zeroblob(handle, index, 0) }
        return sqlite3_bind_blob(handle, index, start, Int32(bytes.count), nil)
    }

    /// Copies bytes to the arena's next free place, where they stay until ``reset()``.
    private func keep(_ bytes: UnsafeRawBufferPointer, _ next: inout Int) -> UnsafeRawBufferPointer {
        guard let arena, !bytes.isEmpty else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let place = UnsafeMutableRawBufferPointer(rebasing: arena[next..<next + bytes.count])
        place.copyMemory(from: bytes)
        next += bytes.count
        return UnsafeRawBufferPointer(place)
    }

    private func value(at index: Int32) -> SQLValue {
        switch sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, index))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, index))
        case SQLITE_TEXT:
            guard let start = sqlite3_column_text(handle, index) else { return .text("") }
            let count = Int(sqlite3_column_bytes(handle, index))
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let count = Int(sqlite3_column_bytes(handle, index))
            guard let start = sqlite3_column_blob(handle, index) else { return .bytes(Data()) }
            return .bytes(Data(bytes: start, count: count))
        default: return .null
        }
    }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw error(code) }
    }

    private func error(_ code: Int32) -> DatabaseError {
        let message = sqlite3_errmsg(database.sqliteConnection).map { String(cString: $0) }
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
}

extension SQLValue {
    /// How many bytes the value needs beside the statement while that runs.
    fileprivate var boundBytes: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .bytes(let bytes), .utf8(let bytes): bytes.count
        case .uuid: 16
        case .null, .integer, .real, .bool, .list: 0
        }
    }
}

/// The column names of statements that were run before: making them anew for each run costs more than reading a row.
final class ColumnCache: Sendable {
    private let known = Mutex<[String: SQLRow.Columns]>([:])

    func columns(of text: String, named names: () -> [String]) -> SQLRow.Columns {
        if let columns = known.withLock({ $0[text] }) { return columns }
        let columns = SQLRow.Columns(names())
        known.withLock { $0[text] = columns }
        return columns
    }
}
