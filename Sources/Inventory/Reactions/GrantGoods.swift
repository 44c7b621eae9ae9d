import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// payment.processed → what was reserved is the user's. The pivot has passed: anything but a hold, or a grant done before,
/// means that money moved for an order without one.
struct GrantGoods: BatchReaction {
    static let id: ReactionID = "inventory.grant-goods"  // Inbox key: never rename.

    typealias Transaction = any SQLTransaction
    typealias Input = PaymentProcessed
    typealias Accepted = InventoryConfirmed
    typealias Rejected = Never

    func react(toAll events: [PaymentProcessed], in step: SQLStep) throws -> [Reply<Accepted, Rejected>] {
        let holds = GoodsHoldStore(step)
        let orders = events.map(\.order)
        if step.maySuppose {
            // As if all of these orders held their goods: then nothing has to be read.
            try holds.moveAll(orders.map(\.id), from: .held, to: .granted)
            try GoodsStore(step).grantReserved(by: orders)
            return orders.map { .accept(InventoryConfirmed(order: $0)) }
        }
        let known = try holds.locking(orders.map(\.id))
        let goods = GoodsStore(step)
        let held = try goods.asking(heldBy: orders)
        let found = try known.answer()
        var granted: [OrderFacts] = []
        for order in orders {
            guard let hold = found[order.id], hold.state == .held || hold.state.isPastPivot else {
                throw SagaFault.alarm("inventory: payment.processed for an order without reserved slots")
            }
            guard hold.state == .held else { continue }
            granted.append(order)
        }
        try holds.moveAll(granted.map(\.id), from: .held, to: .granted)
        try goods.grant(granted, held)
        return orders.map { order in
            found[order.id]?.state == .held
                ? .accept(InventoryConfirmed(order: order)) : .ignore(.duplicate)
        }
    }
}
