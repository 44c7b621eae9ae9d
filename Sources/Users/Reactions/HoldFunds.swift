import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// order.created → the final amount is set aside, if the user is active and has it.
///
/// Set-based: all wallets of a batch are read with one statement, and changed with one.
struct HoldFunds: BatchReaction, Compensable {
    static let id: ReactionID = "users.hold-funds"  // Inbox key: never rename.

    typealias Transaction = any SQLTransaction
    typealias Input = OrderCreated
    typealias Accepted = Both<UserValidated, PaymentReserved>
    typealias Rejected = UserValidationFailed

    func react(toAll events: [OrderCreated], in step: SQLStep) throws -> [Reply<Accepted, Rejected>] {
        let orders = events.map(\.order)
        let holds = WalletHoldStore(step)
        // Wallets are asked for beside the rows that say whether they are needed: mostly they are.
        let known = try holds.locking(orders.map(\.id))
        let buyers = try WalletStore(step).lockingBuyers(Set(orders.map(\.userID)))
        let found = try known.answer()
        let new = orders.filter { found[$0.id] == nil }
        try holds.insert(new, as: .held)
        let verdicts = try decide(new, by: buyers.answer(), in: step)
        return try orders.map { order in
            switch verdicts[order.id] {
            case .held(let slotCapacity):
                return .accept(
                    Both(UserValidated(order: order), PaymentReserved(order: order, slotCapacity: slotCapacity)))
            case .refused(let refusal):
                try holds.move(order.id, from: .held, to: .rejected)
                return .reject(UserValidationFailed(order: order, cause: .refused, refusal: refusal))
            case nil:
                return .ignore(found[order.id]?.state == .tombstone ? .tombstone : .duplicate)
            }
        }
    }

    private enum Verdict {
        case held(slotCapacity: Int64)
        case refused(Refusal)
    }

    /// Takes each order's amount from what its user's wallet still has, in the order in which they came.
    private func decide(
        _ orders: [OrderFacts], by buyers: [UserID: WalletStore.Buyer], in step: SQLStep
    ) throws -> [OrderID: Verdict] {
        let wallets = WalletStore(step)
        var rest = buyers.mapValues(\.available)
        var changes = WalletChanges()
        var verdicts: [OrderID: Verdict] = [:]
        for order in orders {
            guard let buyer = buyers[order.userID], let available = rest[order.userID] else {
                verdicts[order.id] = .refused(Refusal(.userNotFound))
                continue
            }
            guard buyer.isActive else {
                verdicts[order.id] = .refused(Refusal(.userInactive))
                continue
            }
            guard available >= order.final else {
                let numbers = ["requested": order.final.minorUnits, "available": available.minorUnits]
                verdicts[order.id] = .refused(Refusal(.insufficientBalance, numbers))
                continue
            }
            let left = try available.subtracting(order.final)
            rest[order.userID] = left
            try changes.add(order.final, for: order.id, of: order.userID, leaving: left)
            verdicts[order.id] = .held(slotCapacity: buyer.slotCapacity)
        }
        try wallets.hold(changes)
        try wallets.ledger.record(.hold, changes)
        return verdicts
    }
}
