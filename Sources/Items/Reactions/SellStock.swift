import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Counts an order's reserved pieces as sold, once its payment was captured: past the pivot this must succeed.
struct SellStock: BatchReaction {
    typealias Transaction = any SQLTransaction
    typealias Input = PaymentProcessed
    typealias Accepted = ItemDeducted
    typealias Rejected = Never

    static let id: ReactionID = "items.sell-stock"

    func react(toAll events: [PaymentProcessed], in step: SQLStep) throws -> [Reply<ItemDeducted, Never>] {
        let holds = HoldStore(step)
        let states = try holds.states(of: events.map(\.order.id))
        var sold: [OrderID] = []
        var replies: [Reply<ItemDeducted, Never>] = []
        for event in events {
            let order = event.order.id
            switch states[order] {
            case .held:
                sold.append(order)
                replies.append(.accept(ItemDeducted(order: event.order)))
            case .sold, .restocked: replies.append(.ignore(.duplicate))
            case .restored, .tombstone, .rejected, nil:
                let state = states[order]?.rawValue ?? "none"
                throw SagaFault.alarm("order \(order) was paid, but holds no stock (\(state))")
            }
        }
        try holds.sell(sold)
        try StockStore(step.transaction).sell(try holds.pieces(of: sold), at: step.now)
        return replies
    }
}
