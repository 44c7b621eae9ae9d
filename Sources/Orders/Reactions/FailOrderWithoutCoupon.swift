import PurchaseContracts
import SagaChoreography
import SagaSQL

/// The coupon was refused before any step began.
struct FailOrderWithoutCoupon: Reaction {
    static let id: ReactionID = "orders.fail-order-without-coupon"

    func react(to event: CouponValidationFailed, in step: SQLStep) throws -> Reply<UndoneOrder, Never> {
        let transitions = OrderTransitions(step)
        guard let order = try transitions.orders.lock(event.order.id) else { return .ignore(.notExpected) }
        let verdict = order.progress.verdict(on: .couponRefused)
        guard case .end(let state) = verdict else { return try OrderTransitions.without(verdict) }
        let ending = OrderEnding(cause: event.cause, refusal: event.refusal)
        return .accept(try transitions.end(order, as: state, because: ending))
    }
}
