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
        if step.maySuppose { return try suppose(events, in: step) }
        let holds = HoldStore(step)
        let orders = events.map(\.order.id)
        let known = try holds.asking(of: orders)
        let reserved = try holds.asking(piecesOf: orders)
        let states = HoldStore.byOrder(try known.answer())
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
        let moving = Set(sold)
        var pieces: [ItemID: Int64] = [:]
        for line in try reserved.answer() where moving.contains(line.order) {
            pieces[line.item, default: 0] += line.pieces
        }
        try StockStore(step).sell(pieces)
        return replies
    }

    /// As if all of these orders held their stock: then nothing has to be read.
    private func suppose(_ events: [PaymentProcessed], in step: SQLStep) throws -> [Reply<ItemDeducted, Never>] {
        try HoldStore(step).sell(events.map(\.order.id))
        try StockStore(step).sellReserved(by: events.map(\.order))
        return events.map { .accept(ItemDeducted(order: $0.order)) }
    }
}
