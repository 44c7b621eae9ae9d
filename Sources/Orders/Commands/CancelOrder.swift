import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Who wants an order undone.
public enum CancelRequester: Sendable, Hashable {
    case user(UserID)
    case admin(UserID)
}

/// What a wish to undo an order meets.
public enum CancelAnswer: Sendable, Hashable {
    /// Asked for, now or before: read the order to see how it ends.
    case requested
    /// The order had ended undone before.
    case undone
    /// The payment is captured.
    case tooLate(OrderState)
    /// No such order, or another user's.
    case notFound
}

/// Asks for an order to be undone.
public struct CancelOrder: Command {
    public static let id: ReactionID = "orders.cancel-order"

    let order: OrderID
    let requester: CancelRequester

    public init(order: OrderID, requestedBy requester: CancelRequester) {
        self.order = order
        self.requester = requester
    }

    public func execute(in step: SQLStep) throws
        -> Decision<CancelAnswer, Either<Either<OrderFailed, OrderCancelled>, OrderCancelRequested>>
    {
        let transitions = OrderTransitions(step)
        guard let order = try transitions.orders.lock(order), mayCancel(order) else { return Decision(.notFound) }
        let ending = OrderEnding(cause: cause, refusal: Refusal(.orderCancelled))
        switch try transitions.cancel(order, because: ending) {
        case .accept(let emission): return Decision(.requested, emits: emission)
        case .ignore: return Decision(answer(order.progress.state))
        }
    }

    private var cause: Cause {
        switch requester {
        case .user: .user
        case .admin: .admin
        }
    }

    private func mayCancel(_ order: OrderRecord) -> Bool {
        switch requester {
        case .user(let user): user == order.facts.userID
        case .admin: true
        }
    }

    private func answer(_ state: OrderState) -> CancelAnswer {
        switch state {
        case .pending, .processing: .requested
        case .failed, .cancelled: .undone
        case .confirmed, .completed, .refunded: .tooLate(state)
        }
    }
}
