import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Inventory

@Suite struct ReleaseSlotsTests {
    @Test(arguments: Undo.allCases)
    func `slots are given back once; only the order's end is acknowledged, as often as it comes`(
        _ undo: Undo
    ) async throws {
        try await withInventory { inventory in
            let (user, owned) = (UserID.fresh(), ItemID.fresh())
            try await inventory.own(owned, 3, by: user)
            let order = OrderFacts.ordering([owned: 2, .fresh(): 1, .fresh(): 4], by: user)
            try await inventory.reserve(order)
            #expect(try await inventory.slots(of: user).reserved == 2)
            let outcome = try await inventory.deliver(undo.event(order))
            #expect(outcome.disposition == .applied)
            #expect(outcome.types == undo.emits)

            let again = try await inventory.redeliver()
            #expect(again.disposition == (undo.isAcknowledged ? .applied : .duplicate))
            #expect(again.types == undo.emits)
            #expect(
                try await inventory.goods(of: user)
                    == [Goods(itemID: owned, name: "sword", quantity: 3, reserved: 0)])
            #expect(
                try await inventory.settlement(of: order)
                    == InventorySettlement(state: .released, userID: user, quantities: [:], isSettled: false))
        }
    }

    @Test(arguments: Undo.allCases)
    func `an undo that comes first leaves a tombstone, and the late reservation takes nothing`(
        _ undo: Undo
    ) async throws {
        try await withInventory { inventory in
            let order = OrderFacts.fixture()
            #expect(try await inventory.deliver(undo.event(order)).types == undo.emits)
            #expect(try await inventory.settlement(of: order)?.state == .tombstone)
            #expect(try await inventory.redeliver().types == undo.emits)

            let late = try await inventory.reserve(order)
            #expect(late.disposition == .ignored)
            #expect(late.types.isEmpty)
            #expect(try await inventory.goods(of: order.userID).isEmpty)
        }
    }

    @Test(arguments: Undo.allCases)
    func `a refused order has nothing to give back and is acknowledged all the same`(_ undo: Undo) async throws {
        try await withInventory { inventory in
            let order = OrderFacts.fixture()
            try await inventory.reserve(order, capacity: 0)
            let outcome = try await inventory.deliver(undo.event(order))
            #expect(outcome.disposition == (undo.isAcknowledged ? .applied : .ignored))
            #expect(outcome.types == undo.emits)
            #expect(try await inventory.settlement(of: order)?.state == .rejected)
        }
    }

    @Test(arguments: Undo.allCases)
    func `undoing what was granted is an alarm and takes nothing away`(_ undo: Undo) async throws {
        try await withInventory { inventory in
            let order = OrderFacts.fixture()
            try await inventory.reserve(order)
            try await inventory.deliver(PaymentProcessed(order: order))
            let outcome = try await inventory.deliver(undo.event(order))
            #expect(outcome.disposition == .parked)
            #expect(outcome.isAlarm)
            #expect(outcome.types.isEmpty)
            #expect(try await inventory.settlement(of: order)?.state == .granted)
            #expect(try await inventory.goods(of: order.userID).map(\.quantity) == [1])
            #expect(try await inventory.alarms() == 1)
        }
    }

    @Test func `what was given back early is acknowledged when the order ends`() async throws {
        try await withInventory { inventory in
            let order = OrderFacts.fixture()
            try await inventory.reserve(order)
            try await inventory.deliver(Undo.itemReservationFailed.event(order))
            #expect(try await inventory.deliver(Undo.paymentFailed.event(order)).disposition == .duplicate)
            #expect(try await inventory.deliver(Undo.orderFailed.event(order)).types == [InventoryRollback.type])
            #expect(try await inventory.goods(of: order.userID).isEmpty)
        }
    }

    @Test func `slots given back can be taken again`() async throws {
        try await withInventory { inventory in
            let user = UserID.fresh()
            let first = OrderFacts.ordering([.fresh(): 1], by: user)
            try await inventory.reserve(first, capacity: 1)
            #expect(
                try await inventory.reserve(.ordering([.fresh(): 1], by: user), capacity: 1).disposition == .refused)
            try await inventory.deliver(Undo.paymentFailed.event(first))
            #expect(
                try await inventory.reserve(.ordering([.fresh(): 1], by: user), capacity: 1).disposition == .applied)
        }
    }

    @Test func `giving back is a delta: another order's pieces of the item stay`() async throws {
        try await withInventory { inventory in
            let (user, item) = (UserID.fresh(), ItemID.fresh())
            let (first, second) = (OrderFacts.ordering([item: 2], by: user), OrderFacts.ordering([item: 2], by: user))
            try await inventory.reserve(first)
            try await inventory.reserve(second)
            try await inventory.deliver(Undo.orderCancelled.event(first))
            #expect(try await inventory.goods(of: user).map(\.reserved) == [2])
            try await inventory.deliver(Undo.orderCancelled.event(second))
            #expect(try await inventory.goods(of: user).isEmpty)
            #expect(try await inventory.slots(of: user).reserved == 0)
        }
    }
}
