import PurchaseContracts
import SagaChoreography
import SagaSQL

/// A step failed: the order ends, and everyone is asked to undo.
struct FailOrder<Failure: StepFailed>: Reaction {
    static var id: ReactionID { "orders.fail-order.\(Failure.type.name)" }

    func react(to event: Failure, in step: SQLStep) throws -> Reply<UndoneOrder, Never> {
        let transitions = OrderTransitions(step)
        guard let order = try transitions.orders.lock(event.order.id) else { return .ignore(.notExpected) }
        let verdict = order.progress.verdict(on: .stepFailed(event.cause))
        guard case .end(let state) = verdict else { return try OrderTransitions.without(verdict) }
        let ending = OrderEnding(cause: event.cause, refusal: event.refusal)
        return .accept(try transitions.end(order, as: state, because: ending))
    }
}
