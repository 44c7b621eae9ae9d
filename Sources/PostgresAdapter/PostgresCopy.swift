import CPostgres
import Foundation
import SQLCore

/// Rows by the thousand into a table, faster than any INSERT. The transactions of ``PostgresDatabase`` can do it.
public protocol BulkCopying {
    /// Adds rows; a value is read as the type of its column.
    ///
    /// - Parameters:
    ///   - table: with its schema; text of the program or the catalogue, never input.
    ///   - columns: as many as each row has values.
    /// - Throws: ``SQLError``; the transaction is aborted then.
    func copy(_ rows: [[SQLValue]], into table: String, columns: [String]) throws
}

extension PostgresTransaction: BulkCopying {
    func copy(_ rows: [[SQLValue]], into table: String, columns: [String]) throws {
        guard !isReadOnly else { throw SQLError(.misuse, "a write in a read-only transaction") }
        var text = CopyText()
        for row in rows { text.append(row) }
        try copy(
            text.bytes, "COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN")
    }
}

/// The text form of COPY: a line a row, tabs between, a backslash before what would be taken for one of those
/// (https://www.postgresql.org/docs/15/sql-copy.html).
struct CopyText {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ row: [SQLValue]) {
        for (index, value) in row.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "\t")) }
            append(value)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func append(_ value: SQLValue) {
        switch value {
        case .null: bytes.append(contentsOf: #"\N"#.utf8)
        case .integer(let number): bytes.append(contentsOf: String(number).utf8)
        case .real(let number): bytes.append(contentsOf: "\(number)".utf8)
        case .bool(let flag): bytes.append(UInt8(ascii: flag ? "t" : "f"))
        case .uuid(let id): bytes.append(contentsOf: id.uuidString.utf8)
        case .text(let text): appendEscaped(text.utf8)
        case .utf8(let data): appendEscaped(data)
        case .list: preconditionFailure("a list is no value of a row")
        case .bytes(let data):
            bytes.append(contentsOf: #"\\x"#.utf8)
            for byte in data {
                bytes.append(Self.digits[Int(byte >> 4)])
                bytes.append(Self.digits[Int(byte & 15)])
            }
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private mutating func appendEscaped(_ text: some Sequence<UInt8>) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: #"\n"#.utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: #"\r"#.utf8)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: #"\t"#.utf8)
            default: bytes.append(byte)
            }
        }
    }
}
