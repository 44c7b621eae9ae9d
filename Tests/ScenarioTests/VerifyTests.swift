import FoundationEssentials
import PurchaseApp
import SQLCore
import SagaChoreography
import Testing

/// A change past the services that breaks what `verify` promises.
struct Tampering: Sendable, CustomTestStringConvertible {
    let statement: SQLStatement
    /// One of the checks that must notice.
    let check: String

    var testDescription: String { check }

    static let all = [
        Tampering(
            statement: "UPDATE users_wallets SET captured = captured - 1, available = available + 1 WHERE captured > 0",
            check: "users."),
        Tampering(statement: "UPDATE users_saga SET state = 'RELEASED'", check: "orders.completed-wallet"),
        Tampering(
            statement: "UPDATE inventory_holds SET quantity = quantity + 1", check: "orders.completed-goods"),
        Tampering(
            statement: "UPDATE items_items SET sold = sold - 1, stock = stock + 1 WHERE sold > 0",
            check: "items.sold-is-sold"),
        Tampering(statement: "DELETE FROM gateway_charges", check: "orders.completed-payment"),
        Tampering(
            statement: "UPDATE coupons_usage SET discount = discount - 1, final = final + 1",
            check: "coupons.discount-as-promised"),
        Tampering(
            statement: """
                INSERT INTO saga_parked (consumer, event_id, type, envelope, attempts, kind, reason, parked_at)
                VALUES ('users', \(UUID()), 'payment.processed', '{}', 1, 'alarm', 'test', 0)
                """, check: "saga.no-alarm"),
        Tampering(
            statement: "DELETE FROM audit_entries WHERE action = 'payment.processed'", check: "audit.settled-complete"),
        Tampering(statement: "UPDATE audit_entries SET severity = 1", check: "audit.chain-intact"),
        Tampering(
            statement: """
                INSERT INTO saga_audit (id, service, action, resource, resource_id, actor, status, severity, details,
                    correlation_id, occurred_at)
                SELECT id, service, action, resource, resource_id, actor, status, severity, details, correlation_id,
                    occurred_at FROM audit_entries
                """, check: "audit.recorded-once"),
    ]
}

@Suite struct `What every scenario is checked with` {
    @Test(.onItsOwnNetwork, arguments: Tampering.all)
    func `notices a change past the services`(tampering: Tampering) async throws {
        let world = try await World()
        _ = try await Purchase(in: world)
        try await world.finish()
        try await world.database.write { try $0.execute(tampering.statement) }
        let report = try await Verifier(
            world.database, clock: world.clock, participants: world.system.participants
        ).run()
        #expect(report.violations.contains { $0.check.hasPrefix(tampering.check) })
    }

    @Test(.onItsOwnNetwork) func `notices an undo that nobody hears of`() async throws {
        let world = try await World()
        let purchase = try await Purchase(in: world)
        world.gateway.script(purchase.order) { $0.captures = false }
        world.network.interfere(with: "order.failed", to: "items", .lost(times: .max))
        try await world.run(for: .seconds(3600))
        let report = try await Verifier(
            world.database, clock: world.clock, participants: world.system.participants
        ).run()
        #expect(!report.isAtRest)
        #expect(report.inFlight.map(\.waitsFor) == [["item.restored"]])
    }
}
