import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import Testing

@Suite struct `An order that does not settle` {
    /// Deliveries whose loss leaves an order unsettled, so that order.resync must heal it.
    static let healed: [StuckStep] =
        StuckStep.all
        + [
            PaymentProcessed.type, PaymentConfirmed.type, InventoryConfirmed.type, ItemDeducted.type, CouponUsed.type,
            PaymentFailed.type, PaymentRollback.type, InventoryRollback.type, ItemRestored.type, CouponReleased.type,
        ].map { StuckStep(group: "orders", type: $0) }
        + ["users", "inventory", "items"].flatMap {
            [StuckStep(group: $0, type: PaymentProcessed.type), StuckStep(group: $0, type: OrderFailed.type)]
        }
        + [
            StuckStep(group: "coupons", type: OrderCompleted.type), StuckStep(group: "coupons", type: OrderFailed.type),
        ]

    @Test(.onItsOwnNetwork, arguments: healed)
    func `because a delivery was lost for good is sent again after 30 seconds and settles`(
        lost: StuckStep
    ) async throws {
        let world = try await World()
        let (bought, declined) = try await Purchase.two(in: world)
        world.gateway.script(declined.order) { $0.captures = false }
        world.network.interfere(with: lost.type, to: lost.group, .lost(times: 1))
        try await world.run(for: .seconds(29))
        #expect(world.network.matches == 1)
        let waiting = try await [world.order(bought.order), world.order(declined.order)].filter { $0.settledAt == nil }
        #expect(waiting.count == 1)
        try await world.run(for: .seconds(3))
        #expect(try await world.order(bought.order).settledAt != nil)
        #expect(try await world.order(declined.order).settledAt != nil)
        try await world.finish()

        try await bought.expectCompleted(in: world)
        try await declined.expectUndone(.failed, .declined, .paymentDeclined, in: world)
    }

    @Test func `because every copy is lost for a while is sent again on schedule until one arrives`() async throws {
        let world = try await World()
        let purchase = try await Purchase(in: world)
        // Sent at 0, 30, 90, 210 and 450 s.
        world.network.interfere(with: ItemDeducted.type, to: "orders", .lost(times: 4))
        try await world.run(for: .seconds(445))
        #expect(world.network.matches == 4)
        #expect(try await world.order(purchase.order).state == .confirmed)
        try await world.run(for: .seconds(10))
        #expect(try await world.order(purchase.order).shown == .completed)
        try await world.finish()
        try await purchase.expectCompleted(in: world)
    }

    @Test(.onItsOwnNetwork) func `keeps its outbox rows, while those of a settled order are gone`() async throws {
        let world = try await World()
        let (stuck, settled) = try await Purchase.two(in: world)
        let silentUntil = world.clock.now() + .seconds(60)
        world.gateway.script(stuck.order) { $0.silentUntil = silentUntil }
        try await world.run(for: .seconds(20))
        let rows = try await world.database.read { transaction in
            try [stuck, settled].map { purchase in
                try transaction.first("SELECT COUNT(*) AS n FROM saga_outbox WHERE subject = \(purchase.order)")?.int64(
                    "n")
            }
        }
        #expect((rows[0] ?? 0) > 0)
        // Where a row has events of both, it is there for as long as one of them needs it.
        if world.database.dialect == .sqlite { #expect(rows[1] == 0) }
        try await world.finish()
        try await stuck.expectCompleted(in: world)
        try await settled.expectCompleted(in: world)
    }
}
