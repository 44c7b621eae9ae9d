import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import Testing

@Suite struct `A message that cannot be read` {
    @Test(.onItsOwnNetwork, arguments: StuckStep.all)
    func `is parked: its order ends FAILED at its deadline, others flow`(step: StuckStep) async throws {
        let world = try await World()
        let (poisoned, other) = try await Purchase.two(in: world)
        world.network.interfere(with: step.type, to: step.group, of: poisoned.order.uuid, .corrupt)
        try await world.run(for: .seconds(5))
        try await other.expectCompleted(in: world)
        let parked = try await world.database.read { try ParkedMessages.list(limit: 10, in: $0) }
        #expect(parked.map(\.kind) == [.undecodable])
        #expect(parked.map(\.consumer) == [step.group])
        #expect(parked.map(\.subject) == [poisoned.order.uuid])
        try await world.finish(parked: 1)

        try await poisoned.expectUndone(.failed, .deadline, .orderDeadline, in: world)
        #expect(world.gateway.charges(of: poisoned.order) == 0)
    }

    @Test(.onItsOwnNetwork, arguments: ["users", "inventory", "items", "orders"] as [ServiceID])
    func `past the pivot undoes nothing: the order waits, and completes once it can be read`(
        group: ServiceID
    ) async throws {
        let world = try await World()
        let purchase = try await Purchase(in: world)
        world.network.interfere(with: PaymentProcessed.type, to: group, of: purchase.order.uuid, .corrupt)
        try await world.run(for: World.timeout + .seconds(200))
        #expect(try await world.order(purchase.order).state == (group == "orders" ? .processing : .confirmed))
        world.network.behave()
        try await world.finish(parked: 1)
        try await purchase.expectCompleted(in: world)
    }

    @Test(.onItsOwnNetwork, arguments: ["users", "inventory", "items", "coupons"] as [ServiceID])
    func `in an undo keeps FAILED from being shown until it can be read`(group: ServiceID) async throws {
        let world = try await World()
        let purchase = try await Purchase(in: world)
        world.gateway.script(purchase.order) { $0.captures = false }
        world.network.interfere(with: OrderFailed.type, to: group, of: purchase.order.uuid, .corrupt)
        try await world.run(for: .seconds(100))
        let view = try await world.order(purchase.order)
        #expect(view.shown == .processing)
        #expect(view.outcome == .failed)
        #expect(view.undone?.done == 3)
        #expect(view.undone?.of == 4)
        world.network.behave()
        try await world.finish(parked: 1)
        try await purchase.expectUndone(.failed, .declined, .paymentDeclined, in: world)
    }
}
