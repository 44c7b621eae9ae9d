import FoundationEssentials
import Synchronization

/// One row of a result, detached from the statement that read it.
public struct SQLRow: Sendable {
    /// Column names of a result, shared by all its rows.
    public final class Columns: Sendable {
        /// The names in the order of the result.
        public let names: [String]
        private let index: [String: Int]
        /// Which one will probably be asked for: whoever reads rows asks for the same ones each time, mostly in their order.
        private let guess = Atomic(0)

        /// Columns by name; of two with one name the first is found.
        public init(_ names: [String]) {
            self.names = names
            index = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        }

        /// Where the column of that name is.
        func place(of name: String) -> Int? {
            // Of two with one name the second must not be guessed.
            guard index.count == names.count else { return index[name] }
            let guess = guess.load(ordering: .relaxed)
            let place = guess < names.count && names[guess] == name ? guess : index[name]
            if let place { self.guess.store(place + 1 < names.count ? place + 1 : 0, ordering: .relaxed) }
            return place
        }
    }

    /// The columns of the result this row belongs to.
    public let columns: Columns
    /// One value for each column, in the order of ``columns``.
    public let values: [SQLValue]

    /// A row with a value for each column.
    public init(columns: Columns, values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value of a column.
    ///
    /// - Throws: ``SQLError`` `.shape` if the result has no such column.
    public func value(_ column: String) throws -> SQLValue {
        guard let place = columns.place(of: column) else { throw mismatch(column, "a column") }
        return values[place]
    }

    /// Whether a column is NULL.
    ///
    /// - Throws: ``SQLError`` `.shape` if the result has no such column.
    public func isNull(_ column: String) throws -> Bool {
        if case .null = try value(column) { true } else { false }
    }

    /// An integer column; a boolean reads as 0 or 1.
    ///
    /// - Throws: ``SQLError`` `.shape` if there is no such column, or it is NULL or of another kind.
    public func int64(_ column: String) throws -> Int64 { try int64(value(column), column) }

    private func int64(_ value: SQLValue, _ column: String) throws -> Int64 {
        switch value {
        case .integer(let number): return number
        case .bool(let flag): return flag ? 1 : 0
        default: throw mismatch(column, "an integer")
        }
    }

    /// An integer column as `Int`.
    ///
    /// - Throws: as ``int64(_:)``.
    public func int(_ column: String) throws -> Int { Int(try int64(column)) }

    /// A boolean column; SQLite keeps one as the integers 0 and 1.
    ///
    /// - Throws: as ``int64(_:)``; also for any other integer.
    public func bool(_ column: String) throws -> Bool {
        switch try value(column) {
        case .bool(let flag): return flag
        case .integer(0): return false
        case .integer(1): return true
        default: throw mismatch(column, "a boolean")
        }
    }

    /// A number column; an integer reads as well.
    ///
    /// - Throws: as ``int64(_:)``.
    public func double(_ column: String) throws -> Double {
        switch try value(column) {
        case .real(let number): return number
        case .integer(let number): return Double(number)
        default: throw mismatch(column, "a number")
        }
    }

    /// A text column.
    ///
    /// - Throws: as ``int64(_:)``.
    public func text(_ column: String) throws -> String { try text(value(column), column) }

    private func text(_ value: SQLValue, _ column: String) throws -> String {
        guard case .text(let text) = value else { throw mismatch(column, "a text") }
        return text
    }

    /// A binary column; a text reads as its UTF-8 bytes.
    ///
    /// - Throws: as ``int64(_:)``.
    public func bytes(_ column: String) throws -> Data { try bytes(value(column), column) }

    private func bytes(_ value: SQLValue, _ column: String) throws -> Data {
        switch value {
        case .bytes(let bytes): return bytes
        case .text(let text): return Data(text.utf8)
        default: throw mismatch(column, "bytes")
        }
    }

    /// A UUID column, in SQLite a blob of 16 bytes.
    ///
    /// - Throws: as ``int64(_:)``; also for a blob of another length.
    public func uuid(_ column: String) throws -> UUID { try uuid(value(column), column) }

    private func uuid(_ value: SQLValue, _ column: String) throws -> UUID {
        switch value {
        case .uuid(let id): return id
        case .bytes(let bytes) where bytes.count == 16:
            return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
        default: throw mismatch(column, "a UUID")
        }
    }

    /// An integer column, `nil` for NULL.
    ///
    /// - Throws: as ``int64(_:)``, save for NULL.
    public func optionalInt64(_ column: String) throws -> Int64? { try optional(column, int64) }
    /// A text column, `nil` for NULL.
    ///
    /// - Throws: as ``int64(_:)``, save for NULL.
    public func optionalText(_ column: String) throws -> String? { try optional(column, text) }
    /// A UUID column, `nil` for NULL.
    ///
    /// - Throws: as ``uuid(_:)``, save for NULL.
    public func optionalUUID(_ column: String) throws -> UUID? { try optional(column, uuid) }
    /// A binary column, `nil` for NULL.
    ///
    /// - Throws: as ``int64(_:)``, save for NULL.
    public func optionalBytes(_ column: String) throws -> Data? { try optional(column, bytes) }

    private func optional<Value>(
        _ column: String, _ read: (SQLValue, String) throws -> Value
    ) throws -> Value? {
        let value = try value(column)
        if case .null = value { return nil }
        return try read(value, column)
    }

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
