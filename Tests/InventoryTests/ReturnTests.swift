import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Inventory

@Suite struct `The return of an order's goods` {
    private let refund = RefundID(UUID())

    private func asked(_ order: OrderFacts, _ refund: RefundID) -> OrderRefundRequested {
        OrderRefundRequested(order: order, refundID: refund, reason: "broken", actor: .fresh())
    }

    private func isAlarm(_ outcome: DeliveryOutcome) -> Bool {
        if case .permanent(.alarm, _) = outcome.fault { true } else { false }
    }

    @Test func `sets them aside, keeps their slots, and lets them go once`() async throws {
        try await withInventory { inventory in
            let (user, kept, item) = (UserID.fresh(), ItemID.fresh(), ItemID.fresh())
            try await inventory.own(kept, 1, by: user)
            let order = OrderFacts.ordering([kept: 2, item: 3], by: user)
            try await inventory.reserve(order)
            try await inventory.deliver(PaymentProcessed(order: order))
            try await inventory.deliver(OrderSettled(orderID: order.id))

            #expect(try await inventory.deliver(asked(order, refund)).types == [InventoryReturnHeld.type])
            #expect(try await inventory.redeliver().disposition == .duplicate)
            #expect(try await inventory.settlement(of: order)?.isSettled == false)
            #expect(try await inventory.slots(of: user) == SlotUsage(used: 1, reserved: 1, capacity: 100))
            // The notice that it was settled before comes once more: the refund stays open.
            try await inventory.deliver(OrderSettled(orderID: order.id))
            #expect(try await inventory.settlement(of: order)?.isSettled == false)
            #expect(try await inventory.deliver(PaymentProcessed(order: order)).disposition == .duplicate)

            let refunded = PaymentRefunded(order: order, refundID: refund)
            #expect(try await inventory.deliver(refunded).types == [InventoryReturned.type])
            #expect(try await inventory.redeliver().disposition == .duplicate)
            #expect(try await inventory.goods(of: user).map(\.itemID) == [kept])
            #expect(try await inventory.slots(of: user) == SlotUsage(used: 1, reserved: 0, capacity: 100))
            #expect(try await inventory.settlement(of: order)?.state == .returned)
            try await inventory.deliver(OrderSettled(orderID: order.id))
            #expect(try await inventory.settlement(of: order)?.isSettled == true)
            #expect(try await inventory.deliver(asked(order, refund)).disposition == .duplicate)
        }
    }

    @Test func `that is called off gives them back, and another may follow`() async throws {
        try await withInventory { inventory in
            let (user, item) = (UserID.fresh(), ItemID.fresh())
            let order = OrderFacts.ordering([item: 2], by: user)
            try await inventory.reserve(order)
            try await inventory.deliver(PaymentProcessed(order: order))
            try await inventory.deliver(asked(order, refund))
            let refused = PaymentRefundRefused(order: order, refundID: refund, refusal: Refusal(.refundRefused))
            #expect(try await inventory.deliver(refused).types == [InventoryReturnCancelled.type])
            #expect(try await inventory.redeliver().disposition == .duplicate)
            #expect(try await inventory.goods(of: user).map(\.quantity) == [2])
            #expect(try await inventory.settlement(of: order)?.state == .granted)
            #expect(try await inventory.deliver(asked(order, refund)).disposition == .duplicate)

            let next = RefundID(UUID())
            #expect(try await inventory.deliver(asked(order, next)).types == [InventoryReturnHeld.type])
            // What is said of the first says nothing of the second.
            #expect(try await inventory.deliver(refused).disposition == .duplicate)
            #expect(isAlarm(try await inventory.deliver(PaymentRefunded(order: order, refundID: refund))))
            #expect(try await inventory.settlement(of: order)?.state == .returning)
        }
    }

    @Test func `is refused if one piece is missing, and takes none of the others`() async throws {
        try await withInventory { inventory in
            let (user, item, gone) = (UserID.fresh(), ItemID.fresh(), ItemID.fresh())
            let order = OrderFacts.ordering([item: 2, gone: 2], by: user)
            try await inventory.reserve(order)
            try await inventory.deliver(PaymentProcessed(order: order))
            try await inventory.given {
                try $0.execute("UPDATE inventory_goods SET quantity = 1 WHERE item_id = \(gone)")
            }
            try await inventory.deliver(OrderSettled(orderID: order.id))
            #expect(try await inventory.settlement(of: order)?.isSettled == true)
            let outcome = try await inventory.deliver(asked(order, refund))
            #expect(outcome.disposition == .refused)
            // So that the answer is kept, and can be sent again, until Orders has settled the order anew.
            #expect(try await inventory.settlement(of: order)?.isSettled == false)
            #expect(try outcome.event(InventoryReturnRefused.self)?.refusal.code == .goodsGone)
            #expect(try await inventory.redeliver().disposition == .duplicate)
            #expect(Set(try await inventory.goods(of: user).map(\.quantity)) == [1, 2])
            #expect(isAlarm(try await inventory.deliver(PaymentRefunded(order: order, refundID: refund))))
            try await inventory.given {
                try $0.execute("UPDATE inventory_goods SET quantity = 2 WHERE item_id = \(gone)")
            }
        }
    }

    @Test func `of an order that was never granted is refused`() async throws {
        try await withInventory { inventory in
            let order = OrderFacts.ordering([.fresh(): 1], by: .fresh())
            try await inventory.reserve(order)
            #expect(try await inventory.deliver(asked(order, refund)).types == [InventoryReturnRefused.type])
        }
    }
}
