import PurchaseContracts
import SagaChoreography
import SagaSQL

/// payment.refunded → the goods that were set aside leave the user's inventory; slots that nothing is left in are free. The
/// refund's pivot has passed: anything else means that money was given back for goods that the user keeps.
struct TakeGoodsBack: Reaction {
    static let id: ReactionID = "inventory.take-goods-back"  // Inbox key: never rename.

    func react(to event: PaymentRefunded, in step: SQLStep) throws -> Reply<InventoryReturned, Never> {
        let holds = GoodsHoldStore(step)
        let returns = GoodsReturnStore(step)
        let hold = try holds.lock([event.order.id])[event.order.id]
        switch try returns.state(of: event.refundID) {
        case .returned: return .ignore(.duplicate)
        case .returning:
            guard let hold, hold.state == .returning else { fallthrough }
            try returns.close(event.refundID, as: .returned)
            try holds.reopen(event.order.id, from: .returning, to: .returned)
            try GoodsStore(step).release(event.order.id, of: hold.userID)
            return .accept(InventoryReturned(order: event.order, refundID: event.refundID))
        case .cancelled, .refused, nil:
            throw SagaFault.alarm("inventory: payment.refunded for goods that are not set aside")
        }
    }
}
