import SQLCore
import SagaChoreography

/// How many entries of one kind there are.
public struct AuditTally: Sendable, Hashable {
    /// Since 1970, UTC.
    public let day: Int64
    public let action: String
    public let status: AuditEntry.Status
    public let severity: Int64
    public let count: Int64

    public init(day: Int64, action: String, status: AuditEntry.Status, severity: Int64, count: Int64) {
        self.day = day
        self.action = action
        self.status = status
        self.severity = severity
        self.count = count
    }

    /// As ``AuditFilter/isSecurity`` finds them.
    var isSecurity: Bool {
        status == .blocked || (status == .failed && AuditFilter.securityActions.contains(action))
    }

    fileprivate init(_ row: SQLRow) throws {
        day = try row.int64("day")
        action = try row.text("action")
        status = try row.value("status", as: AuditEntry.Status.self)
        severity = try row.int64("severity")
        count = try row.wholeNumber("n")
    }
}

extension AuditQueries {
    /// What happened in a period, in numbers. A segment that is wholly inside was counted when it was sealed; entries are counted only
    /// where the period begins and ends, and behind the last segment.
    ///
    /// - Returns: what was counted, and places at the edges whose entries are in the store beside the log.
    func tallies(
        from: Timestamp, until: Timestamp
    ) throws -> (tallies: [AuditTally], elsewhere: [ClosedRange<Int64>]) {
        let (from, until) = Self.bounds(from, until)
        var tallies = try transaction.rows(
            """
            SELECT t.day AS day, t.action AS action, t.status AS status, t.severity AS severity, SUM(t.n) AS n
            FROM audit_segments AS s JOIN audit_tallies AS t ON t.segment = s.number
            WHERE s.oldest >= \(from) AND s.newest < \(until)
            GROUP BY t.day, t.action, t.status, t.severity
            """
        ).map(AuditTally.init)
        var edges = try transaction.rows(
            """
            SELECT first_sequence, last_sequence FROM audit_segments
            WHERE newest >= \(from) AND oldest < \(until) AND NOT (oldest >= \(from) AND newest < \(until))
            """
        ).map { try $0.int64("first_sequence")...$0.int64("last_sequence") }
        if let open = try open() { edges.append(open.places) }
        var elsewhere: [ClosedRange<Int64>] = []
        for edge in edges {
            elsewhere += try PlaceRunStore(transaction).runs(in: edge, .store)
            tallies += try transaction.rows(
                """
                SELECT occurred_at / 86400000 AS day, action, status, severity, COUNT(*) AS n FROM audit_entries
                WHERE sequence BETWEEN \(edge.lowerBound) AND \(edge.upperBound) AND occurred_at >= \(from)
                    AND occurred_at < \(until)
                GROUP BY occurred_at / 86400000, action, status, severity
                """
            ).map(AuditTally.init)
        }
        return (tallies, elsewhere)
    }
}

extension SQLRow {
    /// PostgreSQL adds whole numbers up to a numeric, which is read as text.
    func wholeNumber(_ column: String) throws -> Int64 {
        if case .text(let digits) = try value(column), let number = Int64(digits) { return number }
        return try int64(column)
    }
}
