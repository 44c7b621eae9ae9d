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
        let found = try holds.lock(orders.map(\.id))
        var granted: [(order: OrderFacts, user: UserID)] = []
        for order in orders {
            guard let hold = found[order.id], hold.state == .held || hold.state == .granted else {
                throw SagaFault.alarm("inventory: payment.processed for an order without reserved slots")
            }
            guard hold.state == .held else { continue }
            granted.append((order, hold.userID))
        }
        try holds.moveAll(granted.map(\.order.id), from: .held, to: .granted)
        let goods = GoodsStore(step)
        // Users ascending, so that concurrent batches cannot deadlock.
        for (order, user) in granted.sorted(by: { $0.user < $1.user }) {
            try goods.grant(order.id, lines: order.lines.count, to: user)
        }
        return orders.map { order in
            found[order.id]?.state == .held
                ? .accept(InventoryConfirmed(order: order)) : .ignore(.duplicate)
        }
    }
}
