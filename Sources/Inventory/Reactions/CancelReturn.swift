import PurchaseContracts
import SagaChoreography
import SagaSQL

/// payment.refund.refused → the goods that were set aside are the user's again.
struct CancelReturn: Compensation {
    static let id: ReactionID = "inventory.cancel-return"  // Inbox key: never rename.
    static let undoes: [ReactionID] = [HoldReturn.id]

    func react(to event: PaymentRefundRefused, in step: SQLStep) throws -> Reply<InventoryReturnCancelled, Never> {
        let holds = GoodsHoldStore(step)
        let returns = GoodsReturnStore(step)
        let hold = try holds.lock([event.order.id])[event.order.id]
        switch try returns.state(of: event.refundID) {
        case .cancelled: return .ignore(.duplicate)
        case .returning where hold?.state == .returning:
            try returns.close(event.refundID, as: .cancelled)
            try holds.reopen(event.order.id, from: .returning, to: .granted)
            let goods = GoodsStore(step)
            try goods.grant([event.order], goods.asking(heldBy: [event.order]))
            return .accept(
                InventoryReturnCancelled(order: event.order, refundID: event.refundID, refusal: event.refusal))
        case .returning, .returned, .refused, nil:
            throw SagaFault.alarm("inventory: payment.refund.refused for goods that are not set aside")
        }
    }
}
