import SQLCore
import SagaChoreography

extension AuditQueries {
    /// Where in the log everything is that a filter's period lets through, and more; `nil` if there is nothing. Segments know when what
    /// they hold happened, so entries need no index by time.
    func places(_ filter: AuditFilter) throws -> ClosedRange<Int64>? {
        guard filter.from != nil || filter.until != nil else {
            let last = try last()
            return last > 0 ? 1...last : nil
        }
        let (from, until) = Self.bounds(filter.from, filter.until)
        let sealed = try transaction.first(
            """
            SELECT MIN(first_sequence) AS first, MAX(last_sequence) AS last FROM audit_segments
            WHERE newest >= \(from) AND oldest < \(until)
            """)
        var places: ClosedRange<Int64>?
        if let first = try sealed?.optionalInt64("first"), let last = try sealed?.optionalInt64("last"),
            first <= last
        {
            places = first...last
        }
        if let open = try open(), open.span.upperBound >= from, open.span.lowerBound < until {
            places = (places?.lowerBound ?? open.places.lowerBound)...open.places.upperBound
        }
        return places
    }

    /// What is behind the last segment, and when it happened; `nil` if there is nothing.
    func open() throws -> (places: ClosedRange<Int64>, span: ClosedRange<Int64>)? {
        guard
            let row = try transaction.first(
                "SELECT \(fixed: AuditLogStore.headColumns) FROM audit_head WHERE one = 1")
        else { return nil }
        let head = try AuditLogStore.head(row)
        guard let span = head.span else { return nil }
        guard head.sealed < head.sequence else { return nil }
        return (head.sealed + 1...head.sequence, span)
    }

    /// The first place that was recorded at a time or later, by the recorders' clocks; behind the last if there is none. Found by
    /// halving, for entries are recorded in the order of their places.
    func place(recordedSince time: Timestamp) throws -> Int64 {
        var (low, high) = (Int64(1), try last() + 1)
        while low < high {
            let middle = low + (high - low) / 2
            let row = try transaction.first(
                """
                SELECT sequence, recorded_at FROM audit_entries WHERE sequence >= \(middle) ORDER BY sequence LIMIT 1
                """)
            // What retention took away is older than what it left.
            if let row, try row.int64("recorded_at") < time.milliseconds {
                low = try row.int64("sequence") + 1
            } else {
                high = middle
            }
        }
        // Between what is gone, the place found is that of nothing.
        return try transaction.first(
            "SELECT sequence FROM audit_entries WHERE sequence >= \(low) ORDER BY sequence LIMIT 1")?.int64("sequence")
            ?? low
    }

    static func bounds(_ from: Timestamp?, _ until: Timestamp?) -> (from: Int64, until: Int64) {
        (from?.milliseconds ?? .min, until?.milliseconds ?? .max)
    }
}
