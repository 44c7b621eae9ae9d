import FoundationEssentials
import SQLCore
import SagaChoreography

extension ParkedMessages {
    /// Parked messages, the youngest event first.
    ///
    /// - Parameter last: the id with which the page before ended.
    /// - Throws: ``SQLError``.
    public static func list(
        _ filter: ParkedFilter = ParkedFilter(), before last: UUID? = nil, limit: Int,
        in transaction: any SQLTransaction
    ) throws -> [ParkedMessage] {
        var conditions = Conditions(filter)
        if let last { conditions.add("id <", last.sqlValue) }
        return try transaction.rows(
            SQLStatement(
                """
                SELECT \(ParkedMessage.columns) FROM saga_parked\(conditions.text) ORDER BY id DESC LIMIT \(limit)
                """, values: conditions.values)
        ).map(ParkedMessage.init)
    }

    /// How many there are, counted up to ten thousand.
    ///
    /// - Throws: ``SQLError``.
    public static func count(_ filter: ParkedFilter, in transaction: any SQLTransaction) throws -> Int64 {
        let conditions = Conditions(filter)
        return try transaction.first(
            SQLStatement(
                "SELECT COUNT(*) AS n FROM (SELECT 1 FROM saga_parked\(conditions.text) LIMIT 10000) AS found",
                values: conditions.values)
        )?.int64("n") ?? 0
    }

    /// Parked messages by what they have in common, the largest group first.
    ///
    /// - Throws: ``SQLError``.
    public static func groups(
        _ filter: ParkedFilter = ParkedFilter(), limit: Int, in transaction: any SQLTransaction
    ) throws -> [ParkedGroup] {
        let conditions = Conditions(filter)
        return try transaction.rows(
            SQLStatement(
                """
                SELECT consumer, type, kind, reason, COUNT(*) AS n, MIN(parked_at) AS oldest, MAX(parked_at) AS newest
                FROM saga_parked\(conditions.text) GROUP BY consumer, type, kind, reason
                ORDER BY n DESC, consumer, type, kind, reason LIMIT \(limit)
                """, values: conditions.values)
        ).map { row in
            ParkedGroup(
                consumer: ServiceID(try row.text("consumer")), type: EventType(try row.text("type")),
                kind: try row.value("kind", as: ParkedMessage.Kind.self), cause: try row.text("reason"),
                count: try row.int64("n"), oldest: Timestamp(milliseconds: try row.int64("oldest")),
                newest: Timestamp(milliseconds: try row.int64("newest")))
        }
    }

    /// One of them; `nil` if there is none of that id.
    ///
    /// - Throws: ``SQLError``.
    public static func message(_ id: UUID, in transaction: any SQLTransaction) throws -> ParkedMessage? {
        try transaction.first("SELECT \(fixed: ParkedMessage.columns) FROM saga_parked WHERE id = \(id)")
            .map(ParkedMessage.init)
    }

    /// As ``message(_:in:)``; nobody else does anything to it until the transaction ends.
    static func lock(_ id: UUID, in transaction: any SQLTransaction) throws -> ParkedMessage? {
        switch transaction.dialect {
        case .sqlite: try message(id, in: transaction)
        case .postgres:
            try transaction.first(
                "SELECT \(fixed: ParkedMessage.columns) FROM saga_parked WHERE id = \(id) FOR UPDATE"
            ).map(ParkedMessage.init)
        }
    }

    /// Those that have waited longest, to do something to them: what is parked again goes to the end.
    ///
    /// - Parameter last: the one with which the page before ended.
    static func oldest(
        _ filter: ParkedFilter, after last: ParkedMessage? = nil, limit: Int, in transaction: any SQLTransaction
    ) throws -> [ParkedMessage] {
        var conditions = Conditions(filter)
        if let last { conditions.add(after: last) }
        return try transaction.rows(
            SQLStatement(
                """
                SELECT \(ParkedMessage.columns) FROM saga_parked\(conditions.text) ORDER BY parked_at, id LIMIT \(limit)
                """, values: conditions.values)
        ).map(ParkedMessage.init)
    }

    /// Takes one away.
    ///
    /// - Returns: whether it was still there.
    static func remove(_ id: UUID, in transaction: any SQLTransaction) throws -> Bool {
        try transaction.changesOne("DELETE FROM saga_parked WHERE id = \(id)")
    }

    /// What a filter lets through, in SQL.
    private struct Conditions {
        private var parts: [String] = []
        private(set) var values: [SQLValue] = []

        init(_ filter: ParkedFilter) {
            if let consumer = filter.consumer { add("consumer =", .text(consumer.name)) }
            if let type = filter.type { add("type =", .text(type.name)) }
            if let kind = filter.kind { add("kind =", .text(kind.rawValue)) }
            if let cause = filter.cause { add("reason =", .text(cause)) }
            if let subject = filter.subject { add("subject =", .uuid(subject)) }
        }

        mutating func add(after last: ParkedMessage) {
            values += [.integer(last.parkedAt.milliseconds), last.id.sqlValue]
            parts.append("(parked_at, id) > ($\(values.count - 1), $\(values.count))")
        }

        var text: String { parts.isEmpty ? "" : " WHERE " + parts.joined(separator: " AND ") }

        mutating func add(_ comparison: String, _ value: SQLValue) {
            values.append(value)
            parts.append("\(comparison) $\(values.count)")
        }
    }
}
