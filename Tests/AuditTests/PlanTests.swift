import Audit
import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import TestEngines
import Testing

@testable import Audit

/// How SQLite goes about what the monitoring API asks.
@Suite(.enabled(if: TestEngine.isSQLite)) struct `Asking reads no more than it must` {
    private func plan(_ change: (inout AuditFilter) -> Void) async throws -> String {
        let trail = try await Trail()
        var filter = AuditFilter()
        change(&filter)
        return try await trail.database.read { [filter] transaction in
            var conditions = EntryConditions(filter, dialect: transaction.dialect)
            conditions.add("sequence >=", Int64(1))
            conditions.add("sequence <=", Int64(1_000_000))
            let text = "SELECT * FROM audit_entries WHERE \(conditions.text) ORDER BY sequence DESC LIMIT 51"
            return try transaction.rows(SQLStatement("EXPLAIN QUERY PLAN " + text, values: conditions.values))
                .map { try $0.text("detail") }.joined(separator: "; ")
        }
    }

    @Test func `an index leads to what one order, actor or thing left, in order`() async throws {
        for (index, change) in [
            ("audit_entries_by_actor", { $0.actor = UUID() }),
            ("audit_entries_by_order", { $0.correlationID = UUID() }),
            ("audit_entries_by_resource", { $0.resourceID = "7" }),
            ("audit_entries_severe", { $0.severity = .critical }),
            ("audit_entries_not_done", { $0.isSecurity = true }),
        ] as [(String, (inout AuditFilter) -> Void)] {
            let plan = try await plan(change)
            #expect(plan.contains(index), "\(plan)")
            #expect(!plan.contains("TEMP B-TREE"), "\(plan)")
        }
    }

    @Test func `whatever has none is looked for in a part of the log, along its own order`() async throws {
        for change in [
            { $0.action = "order.created" }, { $0.service = "orders" }, { $0.status = .success },
            { $0.text = "x" }, { $0.severity = .low }, { $0.from = Timestamp(milliseconds: 7) },
        ] as [(inout AuditFilter) -> Void] {
            let plan = try await plan(change)
            #expect(plan.contains("INTEGER PRIMARY KEY"), "\(plan)")
            #expect(!plan.contains("TEMP B-TREE"), "\(plan)")
            var filter = AuditFilter()
            change(&filter)
            #expect(!filter.isIndexed)
        }
    }

    @Test func `numbers come from sealed segments, the newest entries, and nothing between`() async throws {
        var policy = AuditPolicy()
        policy.segmentLength = 10
        let trail = try await Trail(policy)
        let begin = trail.clock.now()
        for _ in 1...5 {
            try trail.happen((0..<7).map { _ in OrderCreated(order: .fixture()) })
            try await trail.recorder().flush()
            trail.clock.advance(by: .seconds(60))
        }
        let now = trail.clock.now()
        for (from, until) in [(begin, now), (begin + .seconds(60), now), (begin, begin + .seconds(61))] {
            let found = try await trail.reader.statistics(from: from, until: until).total
            let counted = try await trail.entries().filter {
                $0.entry.occurredAt >= from && $0.entry.occurredAt < until
            }.count
            #expect(found == Int64(counted))
            var filter = AuditFilter()
            (filter.from, filter.until) = (from, until)
            let page = try await trail.reader.entries(filter, limit: 100)
            #expect(page.entries.count == counted)
        }
        #expect(try await trail.database.read { try AuditQueries($0).place(recordedSince: begin + .seconds(60)) } == 8)
        #expect(try await trail.database.read { try AuditQueries($0).place(recordedSince: now) } == 36)
    }
}
