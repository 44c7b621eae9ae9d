import Audit
import FoundationEssentials
import PurchaseApp
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import Testing

@Suite struct `Verifying the log` {
    private func filled(_ count: Int = 20) async throws -> Trail {
        let trail = try await Trail()
        try trail.happen((0..<count).map { _ in OrderCreated(order: .fixture()) })
        try await trail.recorder().flush()
        return trail
    }

    private func findings(_ trail: Trail) async throws -> [String] {
        try await AuditVerifier(hash: SHA256Hash()).run(trail.database).findings.map(\.description)
    }

    @Test func `finds nothing where nobody touched it`() async throws {
        let trail = try await filled()
        let result = try await AuditVerifier(hash: SHA256Hash()).run(trail.database)
        #expect(result.isIntact)
        #expect(result.entries == 20)
        #expect(result.head.sequence == 20)
        #expect(try await AuditVerifier(hash: SHA256Hash()).run(Trail().database).isIntact)
    }

    @Test(arguments: [
        "action = 'order.failed'", "resource = 'item'", "resource_id = '7'", "actor = NULL", "actor_role = 'admin'",
        "ip_address = '::1'", "user_agent = 'x'", "occurred_at = occurred_at + 1", "recorded_at = recorded_at - 1",
        "status = 'failed'", "severity = 1", "details = '{}'", "correlation_id = NULL", "causation_id = id",
        "traceparent = 'x'", "service = 'other'",
    ])
    func `names an entry of which anything was changed`(change: String) async throws {
        let trail = try await filled()
        let text = "UPDATE audit_entries SET \(change) WHERE sequence = 7"
        try await trail.database.write { try $0.execute(SQLStatement(text, values: [])) }
        #expect(try await findings(trail) == ["entry 7: was changed"])
    }

    @Test func `names an entry whose hash was made to fit, by its successor`() async throws {
        let trail = try await filled()
        let hash = Data(repeating: 1, count: 32)
        try await trail.database.write {
            try $0.execute("UPDATE audit_entries SET hash = \(hash) WHERE sequence = 7")
        }
        #expect(try await findings(trail) == ["entry 7: was changed", "entry 8: was changed"])
    }

    @Test func `names what was removed, in the middle and at the end`() async throws {
        let trail = try await filled()
        try await trail.database.write {
            try $0.execute("DELETE FROM audit_entries WHERE sequence IN (1, 5, 6, 19, 20)")
        }
        #expect(
            try await findings(trail) == [
                "entry 1: removed", "entries 5 to 6: removed", "entries 19 to 20: removed at the end",
            ])
    }

    @Test func `names what was inserted, and what took another's place`() async throws {
        let trail = try await filled()
        let (id, other) = (trail.ids.next(), trail.ids.next())
        try await trail.database.write { transaction in
            for (sequence, id) in [(21, id), (4, other)] as [(Int64, UUID)] {
                try transaction.execute("DELETE FROM audit_entries WHERE sequence = \(sequence)")
                try transaction.execute(
                    """
                    INSERT INTO audit_entries (sequence, id, action, resource, resource_id, occurred_at, recorded_at,
                        status, severity, details, service, hash)
                    VALUES (\(sequence), \(id), 'order.created', 'order', 'x', 0, 0, 'success', 2, '{}', 'orders',
                        \(Data(repeating: 2, count: 32)))
                    """)
            }
        }
        #expect(
            try await findings(trail) == [
                "entry 4: was changed", "entry 5: was changed", "entry 21: was inserted",
            ])
    }

    @Test func `knows a sealed segment by its end`() async throws {
        let trail = try await Trail()
        for _ in 0..<101 { try trail.happen((0..<100).map { _ in OrderSettled(orderID: OrderID(trail.ids.next())) }) }
        try await trail.recorder().flush()
        let sealed = try await trail.database.read {
            try $0.rows("SELECT first_sequence, last_sequence FROM audit_segments").map {
                [try $0.int64("first_sequence"), try $0.int64("last_sequence")]
            }
        }
        #expect(sealed == [[1, 10_000]])
        #expect(try await findings(trail) == [])
        try await trail.database.write {
            try $0.execute("UPDATE audit_segments SET head = \(Data(repeating: 3, count: 32))")
        }
        #expect(try await findings(trail) == ["entry 10000: a sealed segment with another end"])
    }
}
