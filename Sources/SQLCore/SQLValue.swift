import FoundationEssentials

/// A value bound to a statement or read from a row. Adapters decide how each case is stored.
public enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    /// A text that is there as UTF-8 bytes: bound as they are. Rows that are read have ``text(_:)``.
    case utf8(Data)
    case bytes(Data)
    /// SQLite: 16-byte blob. PostgreSQL: uuid.
    case uuid(UUID)
    case bool(Bool)
    /// Several values at once: what `IN (\(list: ids))` asks about, or a column of many rows. No row has one.
    case list([SQLValue])
}

/// A Swift value that can be bound to a statement.
public protocol SQLBindable: Sendable {
    var sqlValue: SQLValue { get }
}

extension SQLValue: SQLBindable {
    /// The value as it is bound.
    public var sqlValue: SQLValue { self }
}
extension Int64: SQLBindable {
    /// The value as it is bound.
    public var sqlValue: SQLValue { .integer(self) }
}
extension Int: SQLBindable {
    /// The value as it is bound.
    public var sqlValue: SQLValue { .integer(Int64(self)) }
}
extension Double: SQLBindable {
    /// The value as it is bound.
    public var sqlValue: SQLValue { .real(self) }
}
extension String: SQLBindable {
    /// The value as it is bound.
    public var sqlValue: SQLValue { .text(self) }
}
extension Bool: SQLBindable {
    /// The value as it is bound.
    public var sqlValue: SQLValue { .bool(self) }
}
extension UUID: SQLBindable {
    /// The value as it is bound.
    public var sqlValue: SQLValue { .uuid(self) }
}
extension Data: SQLBindable {
    /// The value as it is bound.
    public var sqlValue: SQLValue { .bytes(self) }
}
extension Optional: SQLBindable where Wrapped: SQLBindable {
    /// The value as it is bound.
    public var sqlValue: SQLValue { self?.sqlValue ?? .null }
}
