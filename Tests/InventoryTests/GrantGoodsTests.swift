import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Inventory

@Suite struct GrantGoodsTests {
    @Test func `what was reserved is owned, once, however often delivered`() async throws {
        try await withInventory { inventory in
            let (user, owned, new) = (UserID.fresh(), ItemID.fresh(), ItemID.fresh())
            try await inventory.own(owned, 1, by: user)
            let order = OrderFacts.ordering([owned: 2, new: 5], by: user)
            try await inventory.reserve(order)
            let outcome = try await inventory.deliver(PaymentProcessed(order: order))
            #expect(outcome.disposition == .applied)
            #expect(outcome.types == [InventoryConfirmed.type])
            let again = try await inventory.redeliver()
            #expect(again.disposition == .duplicate)
            #expect(again.types.isEmpty)

            let goods = try await inventory.goods(of: user)
            #expect(Dictionary(uniqueKeysWithValues: goods.map { ($0.itemID, $0.quantity) }) == [owned: 3, new: 5])
            #expect(goods.allSatisfy { $0.reserved == 0 })
            #expect(try await inventory.slots(of: user) == SlotUsage(used: 2, reserved: 0, capacity: 100))
            let settlement = try await inventory.settlement(of: order)
            #expect(settlement?.state == .granted)
            #expect(settlement?.quantities == [owned: 2, new: 5])
            #expect(try await inventory.reserve(order).disposition == .duplicate)
        }
    }

    @Test func `two first grants of one item in a batch both count`() async throws {
        try await withInventory { inventory in
            let (user, item) = (UserID.fresh(), ItemID.fresh())
            let orders = [OrderFacts.ordering([item: 1], by: user), .ordering([item: 2], by: user), .fixture()]
            try await inventory.deliverBatch(orders.map { PaymentReserved(order: $0, slotCapacity: 10) })
            let outcomes = try await inventory.deliverBatch(orders.map { PaymentProcessed(order: $0) })
            #expect(try outcomes.map { try $0.event(InventoryConfirmed.self)?.order.id } == orders.map(\.id))
            #expect(try await inventory.goods(of: user).map(\.quantity) == [3])
        }
    }

    /// How an order can be in Inventory without slots reserved for it.
    enum Without: CaseIterable, Sendable {
        case anyTrace, hold, acceptance, goods

        func arrange(_ order: OrderFacts, _ inventory: ParticipantHarness) async throws {
            switch self {
            case .anyTrace: break
            case .hold: try await inventory.deliver(Undo.orderFailed.event(order))
            case .acceptance: try await inventory.reserve(order, capacity: 0)
            case .goods:
                try await inventory.reserve(order)
                try await inventory.deliver(Undo.orderFailed.event(order))
            }
        }
    }

    @Test(arguments: Without.allCases)
    func `a payment without reserved slots is an alarm and grants nothing`(_ without: Without) async throws {
        try await withInventory { inventory in
            let order = OrderFacts.fixture()
            try await without.arrange(order, inventory)
            let before = try await inventory.settlement(of: order)
            let outcome = try await inventory.deliver(PaymentProcessed(order: order))
            #expect(outcome.disposition == .parked)
            #expect(outcome.isAlarm)
            #expect(outcome.types.isEmpty)
            #expect(try await inventory.settlement(of: order) == before)
            #expect(try await inventory.goods(of: order.userID).isEmpty)
        }
    }

    @Test func `a payment for other lines than were reserved is an alarm`() async throws {
        try await withInventory { inventory in
            var order = OrderFacts.fixture()
            try await inventory.reserve(order)
            order.lines.append(.fixture())
            #expect(try await inventory.deliver(PaymentProcessed(order: order)).isAlarm)
            #expect(try await inventory.settlement(of: order)?.state == .held)
        }
    }

    @Test func `an alarm in a batch stops no other order`() async throws {
        try await withInventory { inventory in
            let good = OrderFacts.fixture()
            try await inventory.reserve(good)
            let outcomes = try await inventory.deliverBatch([
                PaymentProcessed(order: .fixture()), PaymentProcessed(order: good),
            ])
            #expect(outcomes.map(\.disposition) == [.parked, .applied])
        }
    }

    @Test func `a settled order is closed`() async throws {
        try await withInventory { inventory in
            let order = OrderFacts.fixture()
            try await inventory.reserve(order)
            try await inventory.deliver(PaymentProcessed(order: order))
            try await inventory.deliver(OrderSettled(orderID: order.id))
            #expect(try await inventory.settlement(of: order)?.isSettled == true)
        }
    }
}
