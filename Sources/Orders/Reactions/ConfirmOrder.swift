import PurchaseContracts
import SagaChoreography
import SagaSQL

/// The pivot is passed, whatever the cancel flag says. Confirmations that overtook it may complete the order at once.
struct ConfirmOrder: Reaction {
    static let id: ReactionID = "orders.confirm-order"

    func react(to event: PaymentProcessed, in step: SQLStep) throws -> Reply<CompletedOrder, Never> {
        let transitions = OrderTransitions(step)
        if let progress = try transitions.orders.confirm(event.order.id, at: step.now) {
            return .accept(try transitions.conclude(event.order.id, progress))
        }
        guard let progress = try transitions.orders.progress(of: event.order.id) else { return .ignore(.notExpected) }
        return try OrderTransitions.without(progress.verdict(on: .paymentProcessed))
    }
}
