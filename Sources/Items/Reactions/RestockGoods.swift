import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// payment.refunded → the order's sold pieces can be sold again: past the refund's pivot this must succeed.
struct RestockGoods: Reaction {
    static let id: ReactionID = "items.restock-goods"

    func react(to event: PaymentRefunded, in step: SQLStep) throws -> Reply<ItemRestocked, Never> {
        let holds = HoldStore(step)
        let order = event.order.id
        let state = try holds.states(of: [order])[order]
        switch state {
        case .sold:
            try holds.restock(order)
            try StockStore(step).restock(try holds.pieces(of: order))
            return .accept(ItemRestocked(order: event.order, refundID: event.refundID))
        case .restocked: return .ignore(.duplicate)
        case .held, .restored, .tombstone, .rejected, nil:
            throw SagaFault.alarm(
                "order \(order) was refunded, but its stock is not sold (\(state?.rawValue ?? "none"))")
        }
    }
}
