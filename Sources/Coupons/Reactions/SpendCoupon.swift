import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Spends the copy that a completed order holds. Orders waits for the answer, so it is given again when asked again.
struct SpendCoupon: Reaction {
    static let id: ReactionID = "coupons.spend-coupon"

    func react(to event: OrderCompleted, in step: SQLStep) throws -> Reply<CouponUsed, Never> {
        let order = event.order.id
        guard event.order.coupon != nil else { return .ignore(.notExpected) }
        let holds = HoldStore(step)
        let state = try holds.state(of: order)
        switch state {
        case .held:
            try holds.spend(order)
            try UserCouponStore(step.transaction).spend(heldBy: order, at: step.now)
        case .used: break
        case .released, .tombstone, .rejected, nil:
            throw SagaFault.alarm("order \(order) is completed, but holds no coupon (\(state?.rawValue ?? "none"))")
        }
        return .accept(CouponUsed(order: event.order))
    }
}
