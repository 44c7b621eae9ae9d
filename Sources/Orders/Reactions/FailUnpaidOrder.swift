import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Payments answers that nothing is paid: the order ends, and everyone is asked to undo.
///
/// If the order is settled already, a request to cancel it came late to Payments and opened its row only then. Payments is told
/// once more that the order is settled: otherwise that row would stay open, and what it emitted would never be deleted.
struct FailUnpaidOrder: Reaction {
    static let id: ReactionID = "orders.fail-order.payment.failed"

    func react(to event: PaymentFailed, in step: SQLStep) throws -> Reply<Either<UndoneOrder, OrderSettled>, Never> {
        let transitions = OrderTransitions(step)
        guard let order = try transitions.orders.lock(event.order.id) else { return .ignore(.notExpected) }
        if order.progress.state.isUndone, order.progress.isSettled {
            return .accept(.second(OrderSettled(orderID: order.facts.id)))
        }
        let verdict = order.progress.verdict(on: .stepFailed(event.cause))
        guard case .end(let state) = verdict else { return try OrderTransitions.without(verdict) }
        let ending = OrderEnding(cause: event.cause, refusal: event.refusal)
        return .accept(.first(try transitions.end(order, as: state, because: ending)))
    }
}
