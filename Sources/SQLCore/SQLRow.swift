import FoundationEssentials

/// One row of a result, detached from the statement that read it.
public struct SQLRow: Sendable {
    /// Column names of a result, shared by all its rows.
    public final class Columns: Sendable {
        public let names: [String]
        let index: [String: Int]

        public init(_ names: [String]) {
            self.names = names
            index = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    public let columns: Columns
    public let values: [SQLValue]

    public init(columns: Columns, values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value of a column.
    ///
    /// - Throws: ``SQLError`` `.shape` if the result has no such column.
    public func value(_ column: String) throws -> SQLValue {
        guard let index = columns.index[column] else { throw mismatch(column, "a column") }
        return values[index]
    }

    public func isNull(_ column: String) throws -> Bool { try value(column) == .null }

    public func int64(_ column: String) throws -> Int64 {
        switch try value(column) {
        case .integer(let number): return number
        case .bool(let flag): return flag ? 1 : 0
        default: throw mismatch(column, "an integer")
        }
    }

    public func int(_ column: String) throws -> Int { Int(try int64(column)) }

    public func bool(_ column: String) throws -> Bool {
        switch try value(column) {
        case .bool(let flag): return flag
        case .integer(0): return false
        case .integer(1): return true
        default: throw mismatch(column, "a boolean")
        }
    }

    public func double(_ column: String) throws -> Double {
        switch try value(column) {
        case .real(let number): return number
        case .integer(let number): return Double(number)
        default: throw mismatch(column, "a number")
        }
    }

    public func text(_ column: String) throws -> String {
        guard case .text(let text) = try value(column) else { throw mismatch(column, "a text") }
        return text
    }

    public func bytes(_ column: String) throws -> Data {
        switch try value(column) {
        case .bytes(let bytes): return bytes
        case .text(let text): return Data(text.utf8)
        default: throw mismatch(column, "bytes")
        }
    }

    public func uuid(_ column: String) throws -> UUID {
        switch try value(column) {
        case .uuid(let id): return id
        case .bytes(let bytes) where bytes.count == 16:
            return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
        default: throw mismatch(column, "a UUID")
        }
    }

    public func optionalInt64(_ column: String) throws -> Int64? { try isNull(column) ? nil : int64(column) }
    public func optionalText(_ column: String) throws -> String? { try isNull(column) ? nil : text(column) }
    public func optionalUUID(_ column: String) throws -> UUID? { try isNull(column) ? nil : uuid(column) }
    public func optionalBytes(_ column: String) throws -> Data? { try isNull(column) ? nil : bytes(column) }

    /// A text column read as an enum.
    ///
    /// - Throws: ``SQLError`` `.shape` if the text is none of its cases.
    public func value<Value: RawRepresentable<String>>(_ column: String, as type: Value.Type) throws -> Value {
        guard let value = Value(rawValue: try text(column)) else { throw mismatch(column, "a \(type)") }
        return value
    }

    private func mismatch(_ column: String, _ expected: String) -> SQLError {
        SQLError(.shape, "column '\(column)' is not \(expected)")
    }
}
