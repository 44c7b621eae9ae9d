/// Inserts, changes or reads many rows with few statements.
///
/// PostgreSQL gets one statement for any number of rows, with an array for each column. SQLite has no arrays: there rows go in groups of
/// 64, 32, … 1, so that it keeps seven prepared statements, not one for each count.
public struct ManyRows: Sendable {
    /// What a column holds.
    public enum Column: String, Sendable {
        case integer = "bigint"
        case real = "float8"
        case text
        case bytes = "bytea"
        case uuid
        case bool = "boolean"
    }

    private static let largest = 64

    private let columns: [Column]
    /// By the logarithm of the group's size.
    private let texts: [String]
    private let textWithArrays: String

    /// - Parameters:
    ///   - target: table and column list, such as `notes (id, text)`: fixed text of the program, never input.
    ///   - columns: what each of them holds.
    ///   - suffix: what follows the rows, such as `ON CONFLICT (id) DO NOTHING`.
    public init(into target: StaticString, columns: [Column], suffix: StaticString = "") {
        self.init(
            columns, rows: { "INSERT INTO \(target) VALUES \($0) \(suffix)" },
            arrays: { table, _ in "INSERT INTO \(target) SELECT * FROM \(table) \(suffix)" })
    }

    /// Inserts rows that are completed by what other rows say.
    ///
    ///     ManyRows(
    ///         into: "bills (id, name)", columns: [.uuid, .uuid], selecting: "new.column1, u.name",
    ///         from: "users u ON u.id = new.column2")
    ///
    /// - Parameters:
    ///   - target: table and column list, as for ``init(into:columns:suffix:)``.
    ///   - columns: what each value of an element is; they are called `new.column1`, `new.column2`, …
    ///   - selection: what is inserted: fixed text of the program, never input.
    ///   - join: the table, and which of its rows belong to an element.
    public init(
        into target: StaticString, columns: [Column], selecting selection: StaticString, from join: StaticString
    ) {
        self.init(
            columns, rows: { "INSERT INTO \(target) SELECT \(selection) FROM (VALUES \($0)) AS new JOIN \(join)" },
            arrays: { "INSERT INTO \(target) SELECT \(selection) FROM \($0) AS new(\($1)) JOIN \(join)" })
    }

    /// Changes many rows, each with values of its own.
    ///
    ///     ManyRows(changing: "notes SET text = new.column2", columns: [.uuid, .text], where: "notes.id = new.column1")
    ///
    /// - Parameters:
    ///   - target: what `UPDATE` takes before `FROM`: fixed text of the program, never input.
    ///   - columns: what each value of a row is; they are called `new.column1`, `new.column2`, …
    ///   - condition: which row each is for, and what must be true of it. Two elements may not be for the same row.
    public init(changing target: StaticString, columns: [Column], where condition: StaticString) {
        self.init(
            columns, rows: { "UPDATE \(target) FROM (VALUES \($0)) AS new WHERE \(condition)" },
            arrays: { "UPDATE \(target) FROM \($0) AS new(\($1)) WHERE \(condition)" })
    }

    /// Reads rows for many keys of several columns.
    ///
    ///     ManyRows(
    ///         reading: "g.name", columns: [.uuid, .uuid], from: "goods g ON g.owner = new.column1 AND g.item = new.column2")
    ///
    /// - Parameters:
    ///   - selection: what `SELECT` takes: fixed text of the program, never input.
    ///   - columns: what each value of a key is; they are called `new.column1`, `new.column2`, …
    ///   - join: the table, and which of its rows belong to a key.
    public init(reading selection: StaticString, columns: [Column], from join: StaticString) {
        self.init(
            columns, rows: { "SELECT \(selection) FROM (VALUES \($0)) AS new JOIN \(join)" },
            arrays: { "SELECT \(selection) FROM \($0) AS new(\($1)) JOIN \(join)" })
    }

    /// - Parameters:
    ///   - rows: the statement around rows of placeholders.
    ///   - arrays: the statement around a table made of arrays, and the names of that table's columns.
    private init(_ columns: [Column], rows: (String) -> String, arrays: (String, String) -> String) {
        self.columns = columns
        texts = (0...Self.largest.trailingZeroBitCount).map { logarithm in
            let groups = (0..<(1 << logarithm)).map { row in
                "(" + columns.indices.map { "$\(row * columns.count + $0 + 1)" }.joined(separator: ", ") + ")"
            }
            return rows(groups.joined(separator: ", "))
        }
        let places = columns.enumerated().map { "$\($0 + 1)::\($1.rawValue)[]" }.joined(separator: ", ")
        let names = columns.indices.map { "column\($0 + 1)" }.joined(separator: ", ")
        textWithArrays = arrays("unnest(\(places))", names)
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
        try transaction.execute(all: statements(for: elements, in: transaction.dialect, values: values))
    }

    /// As ``run(_:in:values:)`` where nobody waits for the answer, see ``SQLTransaction/later(_:changing:)``.
    ///
    /// - Parameter failure: what is thrown unless each element inserts or changes one row; `nil`: nothing.
    public func later<Element>(
        _ elements: [Element], in transaction: any SQLTransaction, else failure: (any Error)? = nil,
        values: (Element) throws -> [SQLValue]
    ) throws {
        guard !elements.isEmpty else { return }
        let expected = failure.map { ExpectedChanges(elements.count, else: $0) }
        switch transaction.dialect {
        case .sqlite: try expected.check(run(elements, in: transaction, values: values))
        case .postgres: try transaction.later(inArrays(elements, values), changing: expected)
        }
    }

    /// Inserts or changes a row for each element and reads what RETURNING says, when the answer is there.
    ///
    /// - Parameter body: see ``SQLTransaction/later(_:_:)``; it is called at most once.
    public func later<Element>(
        rowsOf elements: [Element], in transaction: any SQLTransaction, values: (Element) throws -> [SQLValue],
        _ body: @escaping ([SQLRow]) throws -> Void
    ) throws {
        guard !elements.isEmpty else { return }
        switch transaction.dialect {
        case .sqlite: try body(rows(elements, in: transaction, values: values))
        case .postgres: try transaction.later(inArrays(elements, values), body)
        }
    }

    /// Reads what belongs to each element, in no order.
    ///
    /// - Parameter values: the element's values, as many as there are columns.
    /// - Throws: ``SQLError``.
    public func rows<Element>(
        _ elements: [Element], in transaction: any SQLTransaction, values: (Element) throws -> [SQLValue]
    ) throws -> [SQLRow] {
        try transaction.rows(all: statements(for: elements, in: transaction.dialect, values: values))
    }

    /// As ``rows(_:in:values:)``, asked beside other things.
    public func asking<Element>(
        _ elements: [Element], in transaction: any SQLTransaction, values: (Element) throws -> [SQLValue]
    ) throws -> PendingRows {
        try transaction.asking(statements(for: elements, in: transaction.dialect, values: values))
    }

    private func statements<Element>(
        for elements: [Element], in dialect: SQLDialect, values: (Element) throws -> [SQLValue]
    ) throws -> [SQLStatement] {
        guard !elements.isEmpty else { return [] }
        return switch dialect {
        case .sqlite: try grouped(elements, values)
        case .postgres: [try inArrays(elements, values)]
        }
    }

    private func inArrays<Element>(_ elements: [Element], _ values: (Element) throws -> [SQLValue]) throws
        -> SQLStatement
    {
        var lists = columns.map { _ in [SQLValue]() }
        for index in lists.indices { lists[index].reserveCapacity(elements.count) }
        for element in elements {
            let row = try values(element)
            try check(row.count, for: 1)
            for (index, value) in row.enumerated() { lists[index].append(value) }
        }
        return SQLStatement(textWithArrays, values: lists.map { .list($0) })
    }

    private func grouped<Element>(_ elements: [Element], _ values: (Element) throws -> [SQLValue]) throws
        -> [SQLStatement]
    {
        try Self.groups(of: elements.count).map { logarithm, range in
            var binds: [SQLValue] = []
            binds.reserveCapacity(range.count * columns.count)
            for element in elements[range] { binds += try values(element) }
            try check(binds.count, for: range.count)
            return SQLStatement(texts[logarithm], values: binds)
        }
    }

    private func check(_ values: Int, for rows: Int) throws {
        guard values == rows * columns.count else {
            throw SQLError(.misuse, "\(values) values for \(rows) rows of \(columns.count) columns")
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
