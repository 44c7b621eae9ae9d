import PurchaseContracts
import SagaChoreography

/// An order as its client sees it.
public struct OrderView: Sendable, Hashable {
    /// How an order ends that is being undone.
    public enum Outcome: String, Sendable, Codable { case failed, cancelled }

    /// How many of the due acknowledgements are in.
    public struct Undone: Sendable, Hashable, Codable {
        public let done: Int
        public let of: Int
    }

    public let id: OrderID
    public let userID: UserID
    /// Who ordered: the user, or an admin on his behalf.
    public let actor: UserID
    public let lines: [OrderLine]
    public let total: Money
    public let discount: Money
    public let final: Money
    public let currency: Currency
    public let coupon: CouponChoice?
    /// The copy that was held, once the coupon was validated.
    public let userCouponID: UserCouponID?
    /// The status as the row holds it.
    public let state: OrderState
    /// The status for clients: FAILED and CANCELLED only once everything is undone, PROCESSING until then.
    public let shown: OrderState
    /// Only while the order is being undone.
    public let outcome: Outcome?
    /// Only while the order is being undone.
    public let undone: Undone?
    /// Why the order is or was undone.
    public let cause: Cause?
    public let refusal: Refusal?
    /// Who asked for the order to be undone while its steps run; the answer is open.
    public let cancelRequested: Cause?
    public let orderedAt: Timestamp
    public let deadline: Timestamp
    public let updatedAt: Timestamp
    /// When the order was completed, failed or cancelled.
    public let endedAt: Timestamp?
    /// When every acknowledgement was in.
    public let settledAt: Timestamp?

    /// The last refund, open or not.
    public let refund: RefundView?

    /// Nothing that whoever ordered waits for is still to come: ``shown`` is COMPLETED, REFUNDED, FAILED or CANCELLED. A refund is
    /// waited for by other means.
    public var isFinal: Bool { shown == .completed || shown == .refunded || shown.isUndone }
}

extension OrderView {
    init(_ order: OrderRecord) {
        let progress = order.progress
        let isBeingUndone = progress.state.isUndone && !progress.isSettled
        id = order.facts.id
        userID = order.facts.userID
        actor = order.facts.actor
        lines = order.facts.lines
        total = order.facts.total
        discount = order.facts.discount
        final = order.facts.final
        currency = order.facts.currency
        coupon = order.facts.coupon
        userCouponID = order.userCouponID
        state = progress.state
        shown = isBeingUndone ? .processing : progress.state
        outcome = isBeingUndone ? (progress.state == .cancelled ? .cancelled : .failed) : nil
        undone =
            isBeingUndone
            ? Undone(done: progress.due.count - progress.missing.count, of: progress.due.count) : nil
        cause = order.ending?.cause
        refusal = order.ending?.refusal
        cancelRequested = progress.state == .processing ? progress.cancelCause : nil
        orderedAt = order.facts.orderedAt
        deadline = order.facts.deadline
        updatedAt = order.updatedAt
        endedAt = order.endedAt
        settledAt = order.settledAt
        refund = order.refund.map { RefundView($0) }
    }
}
