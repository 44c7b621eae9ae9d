import PurchaseContracts
import SagaChoreography

/// An order's row and lines.
struct OrderRecord: Sendable, Hashable {
    var facts: OrderFacts
    var progress: OrderProgress
    var userCouponID: UserCouponID?
    /// The last refund, open or not.
    var refund: Refund?
    /// Why it ended undone.
    var ending: OrderEnding?
    /// What the cancel flag was raised for.
    var cancel: OrderEnding?
    var updatedAt: Timestamp
    var endedAt: Timestamp?
    var settledAt: Timestamp?

    /// The order as a change leaves it that completes it.
    func completed(by advance: OrderAdvance, at now: Timestamp) -> OrderRecord {
        var order = self
        order.progress = advance.after
        order.updatedAt = now
        order.endedAt = now
        if advance.settles { order.settledAt = now }
        return order
    }
}
