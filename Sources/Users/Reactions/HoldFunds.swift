import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// order.created → the final amount is set aside, if the user is active and has it.
///
/// Set-based: all holds of one wallet in a batch are taken with one update when their sum fits, else in turn.
struct HoldFunds: BatchReaction, Compensable {
    static let id: ReactionID = "users.hold-funds"  // Inbox key: never rename.

    typealias Transaction = any SQLTransaction
    typealias Input = OrderCreated
    typealias Accepted = Both<UserValidated, PaymentReserved>
    typealias Rejected = UserValidationFailed

    func react(toAll events: [OrderCreated], in step: SQLStep) throws -> [Reply<Accepted, Rejected>] {
        let orders = events.map(\.order)
        let holds = WalletHoldStore(step)
        let found = try holds.open(orders, as: .held)
        // By user, each user's orders as they came; users ascending, so that concurrent batches cannot deadlock.
        let byUser = Dictionary(grouping: orders.filter { found[$0.id] == nil }, by: \.userID)
        var verdicts: [OrderID: Verdict] = [:]
        for user in byUser.keys.sorted() {
            try verdicts.merge(decide(byUser[user] ?? [], of: user, in: step)) { _, last in last }
        }
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

    private func decide(_ orders: [OrderFacts], of user: UserID, in step: SQLStep) throws -> [OrderID: Verdict] {
        let wallets = WalletStore(step)
        func all(_ verdict: Verdict) -> [OrderID: Verdict] {
            Dictionary(orders.map { ($0.id, verdict) }, uniquingKeysWith: { first, _ in first })
        }
        guard let buyer = try wallets.lockBuyer(user) else { return all(.refused(Refusal(.userNotFound))) }
        guard buyer.isActive else { return all(.refused(Refusal(.userInactive))) }

        if let sum = try? orders.sum(), let available = try wallets.hold(sum, of: user) {
            try wallets.ledger.record(.hold, orders.map { ($0.id, $0.final) }, of: user, endingAt: available)
            return all(.held(slotCapacity: buyer.slotCapacity))
        }
        var available = buyer.available
        var verdicts: [OrderID: Verdict] = [:]
        for order in orders {
            if let rest = try wallets.hold(order.final, of: user) {
                available = rest
                try wallets.ledger.record(.hold, [(order.id, order.final)], of: user, endingAt: rest)
                verdicts[order.id] = .held(slotCapacity: buyer.slotCapacity)
            } else {
                let numbers = ["requested": order.final.minorUnits, "available": available.minorUnits]
                verdicts[order.id] = .refused(Refusal(.insufficientBalance, numbers))
            }
        }
        return verdicts
    }
}

extension [OrderFacts] {
    /// The sum of the final amounts.
    func sum() throws(MoneyOverflow) -> Money {
        var sum = Money.zero
        for order in self { sum = try sum.adding(order.final) }
        return sum
    }
}
