import Audit
import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaSQL
import Testing

@Suite struct `Asking the audit trail` {
    private let anna = UUID()

    /// Three orders of one user, an admin's change, a failed login, a refused access.
    private func filled() async throws -> (trail: Trail, orders: [OrderFacts]) {
        let trail = try await Trail()
        let user = UserID(anna)
        let orders = (0..<3).map { OrderFacts.fixture(userID: user, lines: [.fixture(name: "마법검 \($0)")]) }
        for order in orders {
            try trail.happen(OrderCreated(order: order))
            trail.clock.advance(by: .seconds(3600))
        }
        try trail.happen(
            PaymentFailed(order: orders[2], cause: .declined, refusal: Refusal(.paymentDeclined)), source: "payments")
        try await trail.recorder().flush()
        try await trail.write(
            AuditRecord(
                service: "items", action: "items.stock-set", resource: "item", resourceID: "7", actor: anna,
                severity: .critical, details: ["reason": "100% counted_twice"]))
        try await trail.write(
            AuditRecord(
                service: "users", action: "users.login-failed", resource: "user", resourceID: "unknown", actor: nil,
                status: .failed, severity: .medium))
        try await trail.write(
            AuditRecord(
                service: "api", action: "api.access-refused", resource: "route", resourceID: "/admin/users",
                actor: nil, status: .blocked, severity: .medium))
        try await trail.changes.flush()
        return (trail, orders)
    }

    private func actions(_ trail: Trail, _ change: (inout AuditFilter) -> Void) async throws -> [String] {
        var filter = AuditFilter()
        change(&filter)
        return try await trail.reader.entries(filter, limit: 100).entries.map(\.entry.action)
    }

    @Test func `by actor, resource, order, service, result and severity, the newest first`() async throws {
        let (trail, orders) = try await filled()
        #expect(
            try await actions(trail) { $0.actor = anna } == [
                "items.stock-set", "payment.failed", "order.created", "order.created", "order.created",
            ])
        #expect(
            try await actions(trail) { ($0.resource, $0.resourceID) = ("order", orders[0].id.description) } == [
                "order.created"
            ])
        #expect(
            try await actions(trail) { $0.correlationID = orders[2].id.uuid } == ["payment.failed", "order.created"])
        #expect(try await actions(trail) { $0.service = "payments" } == ["payment.failed"])
        #expect(try await actions(trail) { $0.status = .failed } == ["users.login-failed", "payment.failed"])
        #expect(try await actions(trail) { $0.severity = .critical } == ["items.stock-set"])
        #expect(try await actions(trail) { $0.severity = .high } == ["items.stock-set", "payment.failed"])
        #expect(try await actions(trail) { $0.isSecurity = true } == ["api.access-refused", "users.login-failed"])
        #expect(try await actions(trail) { $0.action = "items.stock-set" } == ["items.stock-set"])
    }

    @Test func `by time`() async throws {
        let (trail, _) = try await filled()
        let begin = try await trail.entries()[0].entry.occurredAt
        let found = try await actions(trail) {
            ($0.from, $0.until) = (begin + .seconds(3600), begin + .seconds(7200))
        }
        #expect(found == ["order.created"])
    }

    @Test(arguments: [
        ("마법검", 3), ("법검 1", 1), ("MARKED", 0), ("Counted_Twice", 1), ("100%", 1), ("1__%", 0), ("declined", 1),
        ("/admin/", 1), ("stock-SET", 1),
    ])
    func `by a text in any language, taken as it is`(text: String, count: Int) async throws {
        let (trail, _) = try await filled()
        #expect(try await actions(trail) { $0.text = text }.count == count)
    }

    @Test func `by a text that is a sign of LIKE with a mark on it`() async throws {
        let trail = try await Trail()
        for id in ["50%\u{301}", "507\u{301}", "50\\\u{301}"] {
            try await trail.write(
                AuditRecord(service: "items", action: "items.changed", resource: "item", resourceID: id, actor: nil))
        }
        try await trail.changes.flush()
        for text in ["50%\u{301}", "50\\\u{301}"] {
            let found = try await actions(trail) { $0.text = text }
            #expect(found.count == 1, "\(text)")
        }
    }

    @Test func `page by page, each entry once`() async throws {
        let (trail, _) = try await filled()
        var seen: [Int64] = []
        var before: Int64?
        repeat {
            let page = try await trail.reader.entries(AuditFilter(), from: before, limit: 3)
            seen += page.entries.map(\.sequence)
            before = page.next
        } while before != nil
        #expect(seen == [7, 6, 5, 4, 3, 2, 1])
    }

    @Test func `for numbers of a period`() async throws {
        let (trail, _) = try await filled()
        let now = trail.clock.now() + .seconds(1)
        let statistics = try await trail.reader.statistics(from: now + .seconds(-86_400), until: now)
        #expect([statistics.success, statistics.failed, statistics.blocked] == [4, 2, 1])
        #expect(statistics.total == 7)
        #expect(statistics.security == 2)
        #expect(statistics.severe == 1)
        #expect(statistics.successRate == 4.0 / 7.0)
        let first = try #require(statistics.actions.first)
        #expect((first.action, first.count, first.unsuccessful) == ("order.created", 3, 0))
        let nothing = try await trail.reader.statistics(from: now, until: now + .seconds(1))
        #expect(nothing.successRate == nil)
    }

    @Test func `for trends by day and month`() async throws {
        let trail = try await Trail()
        let days = [0, 0, 1, 40]
        let begin = trail.clock.now()
        for day in days {
            trail.clock.advance(by: begin + .seconds(day * 86_400) - trail.clock.now())
            try trail.happen(OrderCreated(order: .fixture()))
        }
        try await trail.recorder().flush()
        let end = trail.clock.now() + .seconds(1)
        let found = (
            try await trail.reader.days(from: begin, until: end).map(\.count),
            try await trail.reader.months(from: begin, until: end).map(\.count)
        )
        #expect(found.0 == [2, 1, 1])
        #expect(found.1.reduce(0, +) == 4)
        #expect(found.1.count == 2)
    }

    @Test func `what waits to be recorded`() async throws {
        let trail = try await Trail()
        let order = OrderFacts.fixture()
        let now = trail.clock.now()
        let envelope = try Envelope.seal(OrderCreated(order: order), id: trail.ids.next(), source: "orders", time: now)
        try await trail.database.write { try SQLSagaStore(trail.database).append([envelope], in: $0) }
        try await trail.write(
            AuditRecord(service: "items", action: "items.stock-set", resource: "item", resourceID: "7", actor: nil))
        let before = try await trail.database.read { try AuditQueries($0).backlog() }
        #expect([before.events, before.changes] == [1, 1])
        #expect(before.oldest == now)
        trail.events.add([envelope])
        try await trail.recorder().flush()
        try await trail.changes.flush()
        let after = try await trail.database.read { try AuditQueries($0).backlog() }
        #expect(after.total == 0)
        #expect(after.oldest == nil)
    }

    @Test func `how the log has grown of late`() async throws {
        let trail = try await Trail()
        try trail.happen(OrderCreated(order: .fixture()))
        trail.clock.advance(by: .seconds(2))
        try await trail.recorder().flush()
        let now = trail.clock.now()
        let pace = try await trail.database.read { try AuditQueries($0).pace(since: now + .seconds(-60)) }
        #expect(pace.entries == 1)
        #expect(pace.meanDelay == .seconds(2))
        #expect(pace.longestDelay == .seconds(2))
    }
}
