/// A statement whose values are always bound, never pasted into the text.
///
///     let changed = try transaction.execute("UPDATE items_items SET stock = stock - \(quantity) WHERE id = \(id)")
///
/// The text uses `$1`, `$2`, …, which SQLite and PostgreSQL both read.
public struct SQLStatement: Sendable, ExpressibleByStringInterpolation {
    /// SQL with `$1`, `$2`, … where values are bound; safe to log.
    public private(set) var text: String
    /// The bound values, `$1` first; they may be personal data and stay out of logs.
    public private(set) var values: [SQLValue]

    public init(stringLiteral value: String) {
        text = value
        values = []
    }

    public init(stringInterpolation: StringInterpolation) {
        text = stringInterpolation.text
        values = stringInterpolation.values
    }

    /// A statement from a fixed text and its values, for texts that are built once and used often.
    ///
    /// - Parameters:
    ///   - text: SQL with `$1`, `$2`, … in ascending order of first appearance.
    ///   - values: as many as there are placeholders.
    public init(_ text: String, values: [SQLValue] = []) {
        self.text = text
        self.values = values
    }

    /// Turns what a literal interpolates into placeholders and bound values.
    public struct StringInterpolation: StringInterpolationProtocol {
        var text = ""
        var values: [SQLValue] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 3)
            values.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) { text += literal }

        /// Binds a value.
        public mutating func appendInterpolation<Value: SQLBindable>(_ value: Value) {
            values.append(value.sqlValue)
            text += "$"
            text += String(values.count)
        }

        /// Binds a value, or NULL for `nil`.
        public mutating func appendInterpolation<Value: SQLBindable>(_ value: Value?) {
            values.append(value?.sqlValue ?? .null)
            text += "$"
            text += String(values.count)
        }

        /// A list of values, as in `IN (\(list: ids))` or `NOT IN (\(list: ids))`, and nowhere else. It is one bound value, so that the
        /// text is the same for every length; nothing is in an empty one.
        public mutating func appendInterpolation<Value: SQLBindable>(list: some Sequence<Value>) {
            appendInterpolation(SQLValue.list(list.map { $0.sqlValue }))
        }

        /// A fixed part of the text: a table name or column list out of the code, never anything from outside.
        public mutating func appendInterpolation(fixed part: StaticString) {
            text += part.description
        }

        /// How many rows at most, as in `LIMIT \(limit: 500)`: part of the text, so that a plan that is kept is made for so many. For what has
        /// few values; others are bound.
        public mutating func appendInterpolation(limit: Int) {
            precondition(limit >= 0, "at most \(limit) rows")
            text += String(limit)
        }

        /// A table name that the code was configured with; only letters, digits and `_` are let through.
        public mutating func appendInterpolation(table name: String) {
            precondition(
                !name.isEmpty && name.utf8.allSatisfy { $0 == 95 || (48...57).contains($0) || (97...122).contains($0) },
                "'\(name)' is no table name")
            text += name
        }
    }
}
