import FoundationEssentials
import SQLCore
import SagaChoreography

/// What others may ask of the audit trail.
public struct AuditQueries {
    /// How many entries a search for a text looks at in one call.
    static let textWindow: Int64 = 100_000

    let transaction: any SQLTransaction

    public init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// Entries, the newest first.
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

    /// What a filter lets through behind a place in the log, in order.
    ///
    /// - Throws: ``SQLError``.
    public func entries(_ filter: AuditFilter, after sequence: Int64, limit: Int) throws -> [LoggedEntry] {
        var conditions = EntryConditions(filter, dialect: transaction.dialect)
        conditions.add("sequence >", sequence)
        return try transaction.rows(
            SQLStatement(
                """
                SELECT \(EntryRow.columns) FROM audit_entries WHERE \(conditions.text) ORDER BY sequence LIMIT \(limit)
                """, values: conditions.values)
        ).map(EntryRow.entry)
    }

    /// What a filter lets through, the newest first. A search for a text looks at a part of the log, whatever it finds there: its page
    /// may be short, or empty, and have a next one.
    ///
    /// - Parameters:
    ///   - before: the place where the page before ended; `nil` for the first page.
    ///   - limit: at most so many.
    /// - Throws: ``SQLError``.
    public func entries(_ filter: AuditFilter, before: Int64?, limit: Int) throws -> Page {
        var conditions = EntryConditions(filter, dialect: transaction.dialect)
        if let before { conditions.add("sequence <", before) }
        var windowEnd: Int64?
        if filter.text != nil {
            let newest = try before ?? last() + 1
            let end = newest - Self.textWindow
            if end > 1 {
                windowEnd = end
                conditions.add("sequence >=", end)
            }
        }
        let found = try transaction.rows(
            SQLStatement(
                """
                SELECT \(EntryRow.columns) FROM audit_entries WHERE \(conditions.text)
                ORDER BY sequence DESC LIMIT \(limit + 1)
                """, values: conditions.values)
        ).map(EntryRow.entry)
        let entries = Array(found.prefix(limit))
        return Page(entries: entries, next: found.count > limit ? entries.last?.sequence : windowEnd)
    }

    /// The place of the newest entry; 0 if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func last() throws -> Int64 {
        try transaction.first("SELECT sequence FROM audit_head WHERE one = 1")?.int64("sequence") ?? 0
    }
}
