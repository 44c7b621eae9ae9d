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
}
