import FoundationEssentials
import SQLCore
import SagaChoreography

/// What others may ask of the audit trail.
public struct AuditQueries {
    /// How many places of the log one call looks at where no index leads to what is asked for.
    static let window: Int64 = 100_000

    let transaction: any SQLTransaction

    public init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// Entries, in one direction.
    public struct Page: Sendable {
        public let entries: [LoggedEntry]
        /// Where the next page begins; `nil` if there is none.
        public let next: Int64?
    }

    /// Entries behind a place in the log, in order.
    ///
    /// - Throws: ``SQLError``.
    public func entries(after sequence: Int64, limit: Int) throws -> [LoggedEntry] {
        try transaction.rows(
            """
            SELECT \(fixed: EntryRow.columns) FROM audit_entries
            WHERE sequence > \(sequence) ORDER BY sequence LIMIT \(limit)
            """
        ).map(EntryRow.entry)
    }

    /// Those at given places, as far as they are in the log.
    func entries(at places: [Int64]) throws -> [LoggedEntry] {
        let statements = BoundedList.parts(of: places).map { part -> SQLStatement in
            "SELECT \(fixed: EntryRow.columns) FROM audit_entries WHERE sequence IN (\(list: part))"
        }
        return try transaction.rows(all: statements).map(EntryRow.entry)
    }

    /// What one call looks at.
    struct Window: Sendable {
        let places: ClosedRange<Int64>
        let order: EntryOrder
        /// Whether nothing is left behind it.
        let isWhole: Bool

        /// Where looking ends.
        var end: Int64 { order == .oldestFirst ? places.upperBound : places.lowerBound }
    }

    /// Where to look for what a filter lets through; `nil` if there is nothing.
    ///
    /// - Parameter place: where the page before ended; `nil` for the first page.
    func window(_ filter: AuditFilter, from place: Int64?, _ order: EntryOrder) throws -> Window? {
        guard let places = try places(filter) else { return nil }
        let length = filter.isIndexed ? Int64.max / 2 : Self.window
        switch order {
        case .oldestFirst:
            let first = max(places.lowerBound, (place ?? 0) + 1)
            guard first <= places.upperBound else { return nil }
            let last = min(places.upperBound, first + length - 1)
            return Window(places: first...last, order: order, isWhole: last == places.upperBound)
        case .newestFirst:
            let last = min(places.upperBound, (place ?? .max) - 1)
            guard last >= places.lowerBound else { return nil }
            let first = max(places.lowerBound, last - length + 1)
            return Window(places: first...last, order: order, isWhole: first == places.lowerBound)
        }
    }

    /// What a filter lets through in the log itself.
    func rows(_ filter: AuditFilter, in window: Window, limit: Int) throws -> [LoggedEntry] {
        var conditions = EntryConditions(filter, dialect: transaction.dialect)
        conditions.add("sequence >=", window.places.lowerBound)
        conditions.add("sequence <=", window.places.upperBound)
        let order = window.order == .oldestFirst ? "ORDER BY sequence" : "ORDER BY sequence DESC"
        return try transaction.rows(
            SQLStatement(
                "SELECT \(EntryRow.columns) FROM audit_entries WHERE \(conditions.text) \(order) LIMIT \(limit)",
                values: conditions.values)
        ).map(EntryRow.entry)
    }

    /// The place of the newest entry; 0 if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func last() throws -> Int64 {
        try transaction.first("SELECT sequence FROM audit_head WHERE one = 1")?.int64("sequence") ?? 0
    }
}

extension AuditQueries.Page {
    /// - Parameter found: one more than the page has, if there are more.
    init(_ found: [LoggedEntry], limit: Int, in window: AuditQueries.Window) {
        entries = Array(found.prefix(limit))
        next = found.count > limit ? entries.last?.sequence : window.isWhole ? nil : window.end
    }
}
