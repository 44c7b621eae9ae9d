import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

/// What happened in a period, in numbers.
public struct AuditStatistics: Sendable {
    /// How one action fared.
    public struct Action: Sendable, Hashable {
        public let action: String
        public let count: Int64
        /// Of those, what did not succeed.
        public let unsuccessful: Int64
    }

    public let from: Timestamp
    public let until: Timestamp
    public let success: Int64
    public let failed: Int64
    public let blocked: Int64
    /// Refused access, failed logins, whatever was blocked.
    public let security: Int64
    /// Of at least the severity that was asked for.
    public let severe: Int64
    /// The most frequent first.
    public let actions: [Action]

    public var total: Int64 { success + failed + blocked }
    /// 0…1; `nil` if nothing happened.
    public var successRate: Double? { total == 0 ? nil : Double(success) / Double(total) }
}

/// What happened on one day (UTC), or in one month.
public struct AuditTrendPoint: Sendable, Hashable {
    /// When it began.
    public let begin: Timestamp
    public let count: Int64
    public let unsuccessful: Int64
    public let severe: Int64
}

extension AuditReader {
    /// Numbers of a period.
    ///
    /// - Parameter severity: what counts as severe.
    /// - Throws: as ``entries(_:from:_:limit:)``.
    public func statistics(
        from: Timestamp, until: Timestamp, severity: AuditEntry.Severity = .critical
    ) async throws -> AuditStatistics {
        var byStatus: [AuditEntry.Status: Int64] = [:]
        var byAction: [String: (count: Int64, unsuccessful: Int64)] = [:]
        var (security, severe) = (Int64(0), Int64(0))
        for tally in try await tallies(from: from, until: until) {
            byStatus[tally.status, default: 0] += tally.count
            byAction[tally.action, default: (0, 0)].count += tally.count
            if tally.status != .success { byAction[tally.action, default: (0, 0)].unsuccessful += tally.count }
            if tally.isSecurity { security += tally.count }
            if tally.severity >= severity.rawValue { severe += tally.count }
        }
        return AuditStatistics(
            from: from, until: until, success: byStatus[.success] ?? 0, failed: byStatus[.failed] ?? 0,
            blocked: byStatus[.blocked] ?? 0, security: security, severe: severe,
            actions: byAction.map {
                .init(action: $0.key, count: $0.value.count, unsuccessful: $0.value.unsuccessful)
            }.sorted { ($1.count, $0.action) < ($0.count, $1.action) })
    }

    /// How much happened day by day (UTC), oldest first; days on which nothing did are missing.
    ///
    /// - Throws: ``SQLError``.
    public func days(
        from: Timestamp, until: Timestamp, severity: AuditEntry.Severity = .critical
    ) async throws -> [AuditTrendPoint] {
        let tallies = Dictionary(grouping: try await tallies(from: from, until: until), by: \.day)
        return tallies.sorted { $0.key < $1.key }.map { day, tallies in
            func sum(_ counts: (AuditTally) -> Bool) -> Int64 {
                tallies.reduce(0) { counts($1) ? $0 + $1.count : $0 }
            }
            return AuditTrendPoint(
                begin: Timestamp(milliseconds: day * 86_400_000), count: sum { _ in true },
                unsuccessful: sum { $0.status != .success }, severe: sum { $0.severity >= severity.rawValue })
        }
    }

    /// Days put together by the first characters of their date: 7 of them are a month.
    ///
    /// - Throws: ``SQLError``.
    public func months(
        from: Timestamp, until: Timestamp, severity: AuditEntry.Severity = .critical
    ) async throws -> [AuditTrendPoint] {
        var months: [AuditTrendPoint] = []
        for day in try await days(from: from, until: until, severity: severity) {
            let month = day.begin.description.prefix(7)
            if let last = months.last, last.begin.description.prefix(7) == month {
                months[months.count - 1] = AuditTrendPoint(
                    begin: last.begin, count: last.count + day.count,
                    unsuccessful: last.unsuccessful + day.unsuccessful, severe: last.severe + day.severe)
            } else if let first = Timestamp(iso8601: "\(month)-01T00:00:00.000Z") {
                months.append(
                    AuditTrendPoint(
                        begin: first, count: day.count, unsuccessful: day.unsuccessful, severe: day.severe))
            }
        }
        return months
    }

}

extension AuditQueries {
    /// How the log has grown of late.
    public struct Pace: Sendable {
        public let entries: Int64
        /// From an entry's occurrence until it was in the log; `nil` if there was none.
        public let meanDelay: Duration?
        public let longestDelay: Duration?
        public let lastRecordedAt: Timestamp?
    }

    /// What came into the log since a time, by the recorders' clocks. Delays are those of the newest entries, at most so many as one
    /// call looks at.
    ///
    /// - Throws: ``SQLError``.
    public func pace(since: Timestamp) throws -> Pace {
        let first = try place(recordedSince: since)
        let last = try last()
        guard first <= last else { return Pace(entries: 0, meanDelay: nil, longestDelay: nil, lastRecordedAt: nil) }
        let row = try transaction.first(
            """
            SELECT COUNT(*) AS n, COALESCE(SUM(recorded_at - occurred_at), 0) AS delay,
                MAX(recorded_at - occurred_at) AS longest, MAX(recorded_at) AS last
            FROM audit_entries WHERE sequence BETWEEN \(max(first, last - Self.window + 1)) AND \(last)
            """)
        guard let row, case let count = try row.int64("n"), count > 0 else {
            return Pace(entries: 0, meanDelay: nil, longestDelay: nil, lastRecordedAt: nil)
        }
        return Pace(
            entries: last - first + 1, meanDelay: .milliseconds(try row.wholeNumber("delay") / count),
            longestDelay: .milliseconds(try row.int64("longest")),
            lastRecordedAt: Timestamp(milliseconds: try row.int64("last")))
    }
}
