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

    /// What a filter lets through behind a place in the log, in order. As with ``entries(_:before:limit:)``, a page may be short, or
    /// empty, and have a next one.
    ///
    /// - Throws: ``SQLError``.
    public func entries(_ filter: AuditFilter, after sequence: Int64, limit: Int) throws -> Page {
        guard let places = try places(filter), places.upperBound > sequence else {
            return Page(entries: [], next: nil)
        }
        let first = max(places.lowerBound, sequence + 1)
        let last =
            filter.isIndexed ? places.upperBound : min(places.upperBound, first + Self.window - 1)
        let found = try rows(filter, in: first...last, "ORDER BY sequence", limit + 1)
        return Page(found, limit: limit, isWhole: last == places.upperBound, windowEnd: last)
    }

    /// What a filter lets through, the newest first. Where no index leads to it, one call looks at a part of the log, whatever it finds
    /// there: its page may be short, or empty, and have a next one.
    ///
    /// - Parameters:
    ///   - before: the place where the page before ended; `nil` for the first page.
    ///   - limit: at most so many.
    /// - Throws: ``SQLError``.
    public func entries(_ filter: AuditFilter, before: Int64?, limit: Int) throws -> Page {
        guard let places = try places(filter), before.map({ $0 > places.lowerBound }) ?? true else {
            return Page(entries: [], next: nil)
        }
        let last = min(places.upperBound, before.map { $0 - 1 } ?? .max)
        let first =
            filter.isIndexed ? places.lowerBound : max(places.lowerBound, last - Self.window + 1)
        let found = try rows(filter, in: first...last, "ORDER BY sequence DESC", limit + 1)
        return Page(found, limit: limit, isWhole: first == places.lowerBound, windowEnd: first)
    }

    private func rows(
        _ filter: AuditFilter, in places: ClosedRange<Int64>, _ order: StaticString, _ limit: Int
    ) throws -> [LoggedEntry] {
        var conditions = EntryConditions(filter, dialect: transaction.dialect)
        conditions.add("sequence >=", places.lowerBound)
        conditions.add("sequence <=", places.upperBound)
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
    /// - Parameters:
    ///   - found: one more than the page has, if there are more.
    ///   - isWhole: whether everything there is was looked at.
    ///   - windowEnd: where looking ended.
    fileprivate init(_ found: [LoggedEntry], limit: Int, isWhole: Bool, windowEnd: Int64) {
        entries = Array(found.prefix(limit))
        next = found.count > limit ? entries.last?.sequence : isWhole ? nil : windowEnd
    }
}
