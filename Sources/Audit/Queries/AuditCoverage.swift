import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

/// From when on everything is in the log.
public enum AuditCoverage {
    /// Notes that events and changes are recorded from now on, if they were not before.
    ///
    /// - Throws: ``SQLError``.
    public static func begin(in transaction: any SQLTransaction, at now: Timestamp, hash: any ContentHash) throws {
        try AuditLogStore(transaction, hash: hash, segmentLength: AuditPolicy().segmentLength).begin(at: now)
    }

    /// Notes that nobody records from now on.
    ///
    /// - Throws: ``SQLError``.
    public static func end(in transaction: any SQLTransaction, hash: any ContentHash) throws {
        try AuditLogStore(transaction, hash: hash, segmentLength: AuditPolicy().segmentLength).end()
    }
}

extension AuditQueries {
    /// Whether somebody records.
    ///
    /// - Throws: ``SQLError``.
    public func isKept() throws -> Bool {
        try transaction.first("SELECT 1 AS one FROM audit_head WHERE one = 1 AND since IS NOT NULL") != nil
    }

    /// What happened from then on is in the log, and neither retention nor the store beside it took it away again; `nil` while nobody
    /// records.
    ///
    /// - Throws: ``SQLError``.
    public func coveredSince() throws -> Timestamp? {
        guard
            let row = try transaction.first("SELECT since, pruned_before FROM audit_head WHERE one = 1"),
            let since = try row.optionalInt64("since")
        else { return nil }
        let moved = try transaction.first(
            """
            SELECT MAX(newest) AS newest FROM audit_segments
            WHERE first_sequence <= (SELECT MAX(last_sequence) FROM audit_lone WHERE place = 'store')
            """)?.optionalInt64("newest")
        let pruned = try row.optionalInt64("pruned_before")
        return Timestamp(milliseconds: max(since, pruned ?? since, moved.map { $0 + 1 } ?? since))
    }

    /// What is recorded of each order.
    ///
    /// - Throws: ``SQLError``.
    public func actions(of orders: [UUID]) throws -> [UUID: Set<String>] {
        var actions: [UUID: Set<String>] = [:]
        let statements = BoundedList.parts(of: orders).map { part -> SQLStatement in
            "SELECT correlation_id, action FROM audit_entries WHERE correlation_id IN (\(list: part))"
        }
        for row in try transaction.rows(all: statements) {
            actions[try row.uuid("correlation_id"), default: []].insert(try row.text("action"))
        }
        return actions
    }
}

/// The invariants of the audit trail.
public enum AuditChecks {
    /// Those that hold at all times.
    public static let all: [InvariantCheck] = [
        InvariantCheck(
            "audit.recorded-once", "a change is in the audit trail or waits for it, never both",
            violations: """
                SELECT a.action || ' ' || lower(hex(a.id)) AS what FROM saga_audit AS a
                JOIN audit_entries AS e ON e.id = a.id
                """)
    ]
}
