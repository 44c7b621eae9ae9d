import PurchaseContracts
import SagaChoreography
import SagaSQL

/// order.refund.requested → the order's goods are set aside, if the user still has all of them: he can no longer use what is paid
/// back to him. Their slots stay taken, so that they fit again if the money is not given back.
struct HoldReturn: Reaction {
    static let id: ReactionID = "inventory.hold-return"  // Inbox key: never rename.

    func react(
        to event: OrderRefundRequested, in step: SQLStep
    ) throws -> Reply<InventoryReturnHeld, InventoryReturnRefused> {
        let holds = GoodsHoldStore(step)
        let returns = GoodsReturnStore(step)
        // The order's row first: it is what other refunds of the order wait for.
        let hold = try holds.lock([event.order.id])[event.order.id]
        guard try returns.state(of: event.refundID) == nil else { return .ignore(.duplicate) }
        if let hold, hold.state == .granted, try GoodsStore(step).setAside(event.order.id, of: hold.userID) {
            try returns.open(event.refundID, of: event.order.id, as: .returning)
            try holds.reopen(event.order.id, from: .granted, to: .returning)
            return .accept(InventoryReturnHeld(order: event.order, refundID: event.refundID))
        }
        try returns.open(event.refundID, of: event.order.id, as: .refused)
        // Until Orders has this answer the order is not settled again here either, so that it can be sent once more.
        if let hold, hold.state == .granted { try holds.reopen(event.order.id, from: .granted, to: .granted) }
        return .reject(
            InventoryReturnRefused(order: event.order, refundID: event.refundID, refusal: Refusal(.goodsGone)))
    }
}
