import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// payment.processed → what was held is spent. The pivot has passed: anything but a hold, or a capture done before, means
/// that money moved for an order without one.
struct CaptureFunds: BatchReaction {
    static let id: ReactionID = "users.capture-funds"  // Inbox key: never rename.

    typealias Transaction = any SQLTransaction
    typealias Input = PaymentProcessed
    typealias Accepted = PaymentConfirmed
    typealias Rejected = Never

    func react(toAll events: [PaymentProcessed], in step: SQLStep) throws -> [Reply<Accepted, Rejected>] {
        let holds = WalletHoldStore(step)
        let orders = events.map(\.order)
        let found = try holds.lock(orders.map(\.id))
        var captures: [UserID: [(OrderID, Money)]] = [:]
        var moving: [OrderID] = []
        for order in orders {
            switch found[order.id]?.state {
            case .held:
                moving.append(order.id)
            case .captured:
                continue
            case .released, .tombstone, .rejected, nil:
                throw SagaFault.alarm("users: payment.processed for an order without held funds")
            }
            if let hold = found[order.id] { captures[hold.userID, default: []].append((order.id, hold.amount)) }
        }
        try holds.moveAll(moving, from: .held, to: .captured)
        let wallets = WalletStore(step)
        for user in captures.keys.sorted() {
            let captured = captures[user] ?? []
            let available = try wallets.capture(try captured.map(\.1).sum(), of: user)
            try wallets.ledger.record(.capture, captured, of: user, endingAt: available)
        }
        return orders.map { order in
            found[order.id]?.state == .held
                ? .accept(PaymentConfirmed(order: order)) : .ignore(.duplicate)
        }
    }
}

extension [Money] {
    func sum() throws(MoneyOverflow) -> Money {
        var sum = Money.zero
        for amount in self { sum = try sum.adding(amount) }
        return sum
    }
}
