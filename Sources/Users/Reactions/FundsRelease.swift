import PurchaseContracts
import SagaChoreography
import SagaSQL

/// How an order's hold is undone, whichever event asks for it.
struct FundsRelease {
    enum Outcome {
        case released
        /// Nothing had been taken yet, and now nothing will be.
        case leftTombstone
        case undoneBefore
        /// The hold had been refused.
        case nothingTaken
    }

    private let step: SQLStep

    init(_ step: SQLStep) { self.step = step }

    /// - Throws: ``SagaFault`` `.permanent` (`alarm`) if the funds were captured: after the pivot nothing is undone.
    @discardableResult
    func release(_ order: OrderFacts, because trigger: EventType) throws -> Outcome {
        let holds = WalletHoldStore(step)
        guard let hold = try holds.open([order], as: .tombstone)[order.id] else { return .leftTombstone }
        switch hold.state {
        case .held:
            try holds.move(order.id, from: .held, to: .released)
            let wallets = WalletStore(step)
            var changes = WalletChanges()
            let available = try wallets.release(hold.amount, of: hold.userID)
            try changes.add(hold.amount, for: order.id, of: hold.userID, leaving: available)
            try wallets.ledger.record(.release, changes)
            return .released
        case .released, .tombstone: return .undoneBefore
        case .rejected: return .nothingTaken
        case .captured, .refunded: throw SagaFault.alarm("users: \(trigger) for an order whose funds are captured")
        }
    }
}
