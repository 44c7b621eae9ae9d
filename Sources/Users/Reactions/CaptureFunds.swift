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
        if step.maySuppose { return try suppose(events.map(\.order), in: step) }
        let holds = WalletHoldStore(step)
        let orders = events.map(\.order)
        let wallets = WalletStore(step)
        let known = try holds.locking(orders.map(\.id))
        let locked = try wallets.lockingAvailable(of: Set(orders.map(\.userID)))
        let found = try known.answer()
        var moving: [(order: OrderID, hold: WalletHold)] = []
        for order in orders {
            guard let hold = found[order.id], [.held, .captured, .refunded].contains(hold.state) else {
                throw SagaFault.alarm("users: payment.processed for an order without held funds")
            }
            if hold.state == .held { moving.append((order.id, hold)) }
        }
        try holds.moveAll(moving.map(\.order), from: .held, to: .captured)
        let available = try locked.answer()
        var changes = WalletChanges()
        for (order, hold) in moving {
            guard let available = available[hold.userID] else {
                throw SagaFault.alarm("users: a wallet holds less than its orders say")
            }
            // Spending what is held leaves what is available as it is.
            try changes.add(hold.amount, for: order, of: hold.userID, leaving: available)
        }
        try wallets.capture(changes)
        try wallets.ledger.record(.capture, changes)
        return orders.map { order in
            found[order.id]?.state == .held
                ? .accept(PaymentConfirmed(order: order)) : .ignore(.duplicate)
        }
    }

    /// As if what each of these orders costs were held for it: then nothing has to be read.
    private func suppose(_ orders: [OrderFacts], in step: SQLStep) throws -> [Reply<Accepted, Rejected>] {
        var changes = WalletChanges()
        do {
            for order in orders { try changes.add(order.final, for: order.id, of: order.userID, leaving: nil) }
        } catch {
            // Somebody has more than there is: it is looked up what it really was.
            throw WrongSupposition()
        }
        try WalletHoldStore(step).captureHeld(by: orders)
        let wallets = WalletStore(step)
        try wallets.capture(changes)
        try wallets.ledger.record(.capture, changes)
        return orders.map { .accept(PaymentConfirmed(order: $0)) }
    }
}
