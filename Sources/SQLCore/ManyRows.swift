/// Inserts, changes or reads many rows with few statements.
///
/// Rows are written in groups of 64, 32, … 1, so that a database keeps seven prepared statements for it, not one for each count.
public struct ManyRows: Sendable {
    private static let largest = 64

    private let columns: Int
    /// By the logarithm of the group's size.
    private let texts: [String]

    /// - Parameters:
    ///   - target: table and column list, such as `notes (id, text)`: fixed text of the program, never input.
    ///   - columns: how many columns that are.
    ///   - suffix: what follows the rows, such as `ON CONFLICT (id) DO NOTHING`.
    public init(into target: StaticString, columns: Int, suffix: StaticString = "") {
        self.init("INSERT INTO \(target) VALUES", columns: columns, suffix: suffix.description)
    }

    /// Changes many rows, each with values of its own.
    ///
    ///     ManyRows(changing: "notes SET text = new.column2", columns: 2, where: "notes.id = new.column1")
    ///
    /// - Parameters:
    ///   - target: what `UPDATE` takes before `FROM`: fixed text of the program, never input.
    ///   - columns: how many values a row has; they are called `new.column1`, `new.column2`, …
    ///   - condition: which row each is for, and what must be true of it.
    public init(changing target: StaticString, columns: Int, where condition: StaticString) {
        self.init("UPDATE \(target) FROM (VALUES", columns: columns, suffix: ") AS new WHERE \(condition)")
    }

    /// Reads rows for many keys of several columns.
    ///
    ///     ManyRows(reading: "g.name", columns: 2, from: "goods g ON g.owner = new.column1 AND g.item = new.column2")
    ///
    /// - Parameters:
    ///   - selection: what `SELECT` takes: fixed text of the program, never input.
    ///   - columns: how many values a key has; they are called `new.column1`, `new.column2`, …
    ///   - join: the table, and which of its rows belong to a key.
    public init(reading selection: StaticString, columns: Int, from join: StaticString) {
        self.init("SELECT \(selection) FROM (VALUES", columns: columns, suffix: ") AS new JOIN \(join)")
    }

    private init(_ prefix: String, columns: Int, suffix: String) {
        self.columns = columns
        texts = (0...Self.largest.trailingZeroBitCount).map { logarithm in
            let rows = (0..<(1 << logarithm)).map { row in
                "(" + (1...columns).map { "$\(row * columns + $0)" }.joined(separator: ", ") + ")"
            }
            return "\(prefix) \(rows.joined(separator: ", ")) \(suffix)"
        }
    }

    /// Inserts or changes a row for each element, in order.
    ///
    /// - Parameter values: the element's values, as many as there are columns.
    /// - Returns: how many rows were inserted or changed.
    /// - Throws: ``SQLError``.
    @discardableResult
    public func run<Element>(
        _ elements: [Element], in transaction: any SQLTransaction, values: (Element) throws -> [SQLValue]
    ) throws -> Int {
        try transaction.execute(all: statements(for: elements, values: values))
    }

    /// Reads what belongs to each element, in no order.
    ///
    /// - Parameter values: the element's values, as many as there are columns.
    /// - Throws: ``SQLError``.
    public func rows<Element>(
        _ elements: [Element], in transaction: any SQLTransaction, values: (Element) throws -> [SQLValue]
    ) throws -> [SQLRow] {
        try transaction.rows(all: statements(for: elements, values: values))
    }

    private func statements<Element>(
        for elements: [Element], values: (Element) throws -> [SQLValue]
    ) throws -> [SQLStatement] {
        try Self.groups(of: elements.count).map { logarithm, range in
            var binds: [SQLValue] = []
            binds.reserveCapacity(range.count * columns)
            for element in elements[range] { binds += try values(element) }
            guard binds.count == range.count * columns else {
                throw SQLError(.misuse, "\(binds.count) values for \(range.count) rows of \(columns) columns")
            }
            return SQLStatement(texts[logarithm], values: binds)
        }
    }

    /// Splits a count into powers of two, the largest first.
    static func groups(of count: Int) -> [(logarithm: Int, range: Range<Int>)] {
        var groups: [(Int, Range<Int>)] = []
        var next = 0
        while next < count {
            let size = min(largest, 1 << (Int.bitWidth - 1 - (count - next).leadingZeroBitCount))
            groups.append((size.trailingZeroBitCount, next..<next + size))
            next += size
        }
        return groups
    }
}
