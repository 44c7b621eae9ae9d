import PurchaseContracts
import SagaChoreography
import SagaSQL

/// An inventory manager wants a reservation cancelled: that is the whole order's cancellation, by the saga.
struct CancelReservedOrder: Reaction {
    static let id: ReactionID = "orders.cancel-reserved-order"

    func react(to event: ItemReservationCancelRequested, in step: SQLStep) throws -> Reply<CancelledOrder, Never> {
        let transitions = OrderTransitions(step)
        guard let order = try transitions.orders.lock(event.order.id) else { return .ignore(.notExpected) }
        return try transitions.cancel(order, because: OrderEnding(cause: event.cause, refusal: event.refusal))
    }
}
