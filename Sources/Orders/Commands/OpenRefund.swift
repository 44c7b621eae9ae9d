import PurchaseContracts
import SagaChoreography
import SagaSQL

/// What a wish to refund an order meets.
public enum RefundAnswer: Sendable, Hashable {
    /// The refund is open now; the order says how it ends.
    case opened(RefundView)
    /// The same request opened this one before, whatever became of it since.
    case replay(RefundView)
    /// Only what is completed can be refunded.
    case notCompleted(OrderState)
    /// One refund at a time.
    case alreadyOpen(RefundView)
    case notFound
}

/// Opens the refund of a completed order: a saga of its own, see docs/saga.md.
public struct OpenRefund: Command {
    public static let id: ReactionID = "orders.open-refund"

    private let order: OrderID
    private let reason: String
    private let actor: UserID
    private let idempotency: IdempotencyRequest?

    /// - Parameters:
    ///   - reason: why, in the admin's words.
    ///   - actor: the admin.
    ///   - idempotency: what makes a retry the same request; `nil` if the client gave no key.
    public init(order: OrderID, reason: String, actor: UserID, idempotency: IdempotencyRequest? = nil) {
        self.order = order
        self.reason = reason
        self.actor = actor
        self.idempotency = idempotency
    }

    /// - Throws: ``OrdersRefusal/idempotencyMismatch``; ``SQLError``.
    public func execute(in step: SQLStep) throws -> Decision<RefundAnswer, OrderRefundRequested> {
        let refunds = RefundStore(step.transaction)
        // The order first: two requests with one key wait for each other there.
        guard let order = try OrderStore(step.transaction).lock(order) else { return Decision(.notFound) }
        if let idempotency, let first = try refunds.refund(opened: idempotency) {
            return Decision(.replay(RefundView(first)))
        }
        if order.progress.hasOpenRefund, let open = order.refund { return Decision(.alreadyOpen(RefundView(open))) }
        guard order.progress.state == .completed else { return Decision(.notCompleted(order.progress.state)) }
        let refund = Refund(
            id: RefundID(step.ids.next()), orderID: order.facts.id, state: .open, marks: [], reason: reason,
            actor: actor,
            refusal: nil, openedAt: step.now, closedAt: nil)
        try refunds.open(refund)
        if let idempotency { try refunds.claim(idempotency, for: refund) }
        return Decision(
            .opened(RefundView(refund)),
            emits: OrderRefundRequested(order: order.facts, refundID: refund.id, reason: reason, actor: actor))
    }
}
