import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// payment.refunded → what was spent on the order is available again, whether or not the user may still buy. The refund's pivot has
/// passed: anything but a capture, or a credit given before, means that money was given back for an order that nobody paid.
struct CreditFunds: Reaction {
    static let id: ReactionID = "users.credit-funds"  // Inbox key: never rename.

    func react(to event: PaymentRefunded, in step: SQLStep) throws -> Reply<WalletCredited, Never> {
        let holds = WalletHoldStore(step)
        let order = event.order.id
        guard let hold = try holds.lock([order])[order] else {
            throw SagaFault.alarm("users: payment.refunded for an order without captured funds")
        }
        switch hold.state {
        case .captured:
            try holds.refund(order)
            let wallets = WalletStore(step)
            var changes = WalletChanges()
            let available = try wallets.credit(hold.amount, to: hold.userID)
            try changes.add(hold.amount, for: order, of: hold.userID, leaving: available)
            try wallets.ledger.record(.refund, changes)
            return .accept(WalletCredited(order: event.order, refundID: event.refundID))
        case .refunded: return .ignore(.duplicate)
        case .held, .rejected, .released, .tombstone:
            throw SagaFault.alarm("users: payment.refunded for an order without captured funds")
        }
    }
}
