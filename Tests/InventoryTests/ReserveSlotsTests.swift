import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Inventory

@Suite struct ReserveSlotsTests {
    @Test func `every line takes a slot, and nothing is owned yet`() async throws {
        try await withInventory { inventory in
            let user = UserID.fresh()
            let (sword, shield) = (ItemID.fresh(), ItemID.fresh())
            let order = OrderFacts.ordering([sword: 2, shield: 1], by: user)
            let outcome = try await inventory.reserve(order, capacity: 5)
            #expect(outcome.disposition == .applied)
            #expect(outcome.types == [InventoryReserved.type])
            #expect(try outcome.event(InventoryReserved.self)?.order == order)
            #expect(try await inventory.slots(of: user) == SlotUsage(used: 0, reserved: 2, capacity: 5))
            let goods = try await inventory.goods(of: user)
            #expect(Dictionary(uniqueKeysWithValues: goods.map { ($0.itemID, $0.reserved) }) == [sword: 2, shield: 1])
            #expect(goods.allSatisfy { $0.quantity == 0 && $0.name == "sword" })
            let settlement = try await inventory.settlement(of: order)
            #expect(
                settlement
                    == InventorySettlement(
                        state: .held, userID: user, quantities: [sword: 2, shield: 1], isSettled: false))
        }
    }

    @Test func `slots are reserved once, however often delivered`() async throws {
        try await withInventory { inventory in
            let user = UserID.fresh()
            let order = OrderFacts.ordering([.fresh(): 2], by: user)
            try await inventory.reserve(order)
            let again = try await inventory.redeliver()
            #expect(again.disposition == .duplicate)
            #expect(again.types.isEmpty)
            #expect(try await inventory.goods(of: user).map(\.reserved) == [2])
        }
    }

    @Test func `all lines or none: missing slots are refused once, with the numbers`() async throws {
        try await withInventory { inventory in
            let (user, owned) = (UserID.fresh(), ItemID.fresh())
            try await inventory.own(owned, by: user)
            let order = OrderFacts.ordering([owned: 1, .fresh(): 1, .fresh(): 1], by: user)
            let outcome = try await inventory.reserve(order, capacity: 2)
            #expect(outcome.disposition == .refused)
            let failure = try outcome.event(InventoryReservationFailed.self)
            #expect(failure?.cause == .refused)
            #expect(failure?.refusal == Refusal(.slotsFull, ["needed": 2, "free": 1]))
            #expect(try await inventory.slots(of: user).reserved == 0)
            #expect(try await inventory.settlement(of: order)?.state == .rejected)

            // More slots later do not turn the refusal into a hold.
            #expect(try await inventory.reserve(order, capacity: 50).disposition == .duplicate)
            #expect(try await inventory.goods(of: user).map(\.reserved) == [0])
        }
    }

    @Test func `what other orders have reserved counts as taken`() async throws {
        try await withInventory { inventory in
            let user = UserID.fresh()
            let orders = (0..<3).map { _ in OrderFacts.ordering([.fresh(): 1], by: user) }
            let outcomes = try await inventory.deliverBatch(orders.map { PaymentReserved(order: $0, slotCapacity: 2) })
            #expect(outcomes.map(\.disposition) == [.applied, .applied, .refused])
            let refusal = try outcomes[2].event(InventoryReservationFailed.self)?.refusal
            #expect(refusal == Refusal(.slotsFull, ["needed": 1, "free": 0]))
        }
    }

    @Test func `two orders of one item share its slot`() async throws {
        try await withInventory { inventory in
            let (user, item) = (UserID.fresh(), ItemID.fresh())
            let (first, second) = (OrderFacts.ordering([item: 1], by: user), OrderFacts.ordering([item: 2], by: user))
            let outcomes = try await inventory.deliverBatch(
                [first, second].map { PaymentReserved(order: $0, slotCapacity: 1) })
            #expect(outcomes.map(\.disposition) == [.applied, .applied])
            #expect(try await inventory.slots(of: user) == SlotUsage(used: 0, reserved: 1, capacity: 1))

            // The slot stays for as long as one of them needs it.
            try await inventory.deliver(Undo.orderFailed.event(first))
            #expect(try await inventory.slots(of: user).reserved == 1)
            try await inventory.deliver(PaymentProcessed(order: second))
            #expect(try await inventory.goods(of: user).map(\.quantity) == [2])
        }
    }

    @Test func `a capacity lowered below what is occupied stops new items, not more of the old`() async throws {
        try await withInventory { inventory in
            let (user, item) = (UserID.fresh(), ItemID.fresh())
            try await inventory.own(item, by: user)
            try await inventory.own(.fresh(), by: user)
            let new = try await inventory.reserve(.ordering([.fresh(): 1], by: user), capacity: 1)
            #expect(
                try new.event(InventoryReservationFailed.self)?.refusal
                    == Refusal(.slotsFull, ["needed": 1, "free": 0]))
            #expect(try await inventory.reserve(.ordering([item: 1], by: user), capacity: 1).disposition == .applied)
        }
    }

    @Test func `without any slot nothing is reserved`() async throws {
        try await withInventory { inventory in
            let outcome = try await inventory.reserve(.fixture(), capacity: 0)
            #expect(
                try outcome.event(InventoryReservationFailed.self)?.refusal
                    == Refusal(.slotsFull, ["needed": 1, "free": 0]))
        }
    }

    @Test(arguments: [Int64.max, Goods.limit])
    func `more pieces than can be counted are refused`(_ quantity: Int64) async throws {
        try await withInventory { inventory in
            let (user, item) = (UserID.fresh(), ItemID.fresh())
            try await inventory.own(item, by: user)
            let order = OrderFacts.fixture(
                userID: user, lines: [.fixture(itemID: item, unitPrice: 0, quantity: quantity)])
            let refusal = try await inventory.reserve(order).event(InventoryReservationFailed.self)?.refusal
            #expect(refusal == Refusal(.inventoryOverflow, ["requested": quantity, "free": Goods.limit - 1]))
        }
    }

    @Test(arguments: [0, -1, Int64.min])
    func `a quantity that is not positive is parked or retried, and reserves nothing`(_ quantity: Int64) async throws {
        try await withInventory { inventory in
            let order = OrderFacts.fixture(lines: [.fixture(unitPrice: 0, quantity: quantity)])
            let outcome = try await inventory.reserve(order)
            #expect(outcome.fault != nil)
            #expect(try await inventory.settlement(of: order) == nil)
            #expect(try await inventory.goods(of: order.userID).isEmpty)
        }
    }
}
