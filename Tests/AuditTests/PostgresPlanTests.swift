import FoundationEssentials
import SQLCore
import SagaChoreography
import TestEngines
import Testing

@testable import Audit

/// How PostgreSQL goes about what the monitoring API asks, once it knows how the log looks.
@Suite(.enabled(if: !TestEngine.isSQLite)) struct `Asking PostgreSQL reads no more than it must` {
    private func filled() async throws -> Trail {
        let trail = try await Trail()
        try await trail.database.write { transaction in
            try transaction.script(
                """
                INSERT INTO audit_entries (sequence, id, action, resource, resource_id, actor, occurred_at, recorded_at,
                    status, severity, details, correlation_id, service, hash)
                SELECT n, gen_random_uuid(), 'order.created', 'order', 'thing ' || n % 2000,
                    md5((n % 2000)::text)::uuid, n, n, CASE WHEN n % 50 = 0 THEN 'blocked' ELSE 'success' END,
                    CASE WHEN n % 100 = 0 THEN 4 ELSE 2 END, '{}', md5((n / 10)::text)::uuid, 'orders',
                    decode(repeat('00', 32), 'hex')
                FROM generate_series(1, 20000) AS n;
                ANALYZE audit_entries;
                """)
        }
        return trail
    }

    @Test func `an index leads to what one order, actor or thing left`() async throws {
        let trail = try await filled()
        for (index, change) in [
            ("audit_entries_by_actor", { $0.actor = UUID() }),
            ("audit_entries_by_order", { $0.correlationID = UUID() }),
            ("audit_entries_by_resource", { $0.resourceID = "thing 7" }),
            ("audit_entries_severe", { $0.severity = .critical }),
            ("audit_entries_not_done", { $0.isSecurity = true }),
        ] as [(String, (inout AuditFilter) -> Void)] {
            var filter = AuditFilter()
            change(&filter)
            let plan = try await trail.database.read { [filter] transaction in
                var conditions = EntryConditions(filter, dialect: transaction.dialect)
                conditions.add("sequence >=", Int64(1))
                conditions.add("sequence <=", Int64(20_000))
                let text = "SELECT * FROM audit_entries WHERE \(conditions.text) ORDER BY sequence DESC LIMIT 51"
                return try transaction.rows(SQLStatement("EXPLAIN " + text, values: conditions.values))
                    .map { try $0.text("QUERY PLAN") }.joined(separator: "\n")
            }
            #expect(plan.contains(index), "\(plan)")
            #expect(!plan.contains("Seq Scan"), "\(plan)")
        }
    }
}
