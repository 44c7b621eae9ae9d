import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Gives an order's copy back, if it holds one, and always says that it holds none: Orders waits for that.
struct ReleaseCoupon<Trigger: OrderUndone>: Compensation {
    static var id: ReactionID { "coupons.release-coupon.\(Trigger.type.name)" }
    static var undoes: [ReactionID] { [HoldCoupon.id] }

    func react(
        to event: Trigger, in step: SQLStep
    ) throws -> Reply<Both<CouponReleased, Both<CouponUsageCancelled?, CouponExpired?>>, Never> {
        let order = event.order.id
        guard event.order.coupon != nil else { return .ignore(.notExpected) }
        let holds = HoldStore(step)
        var cancelled: CouponUsageCancelled?
        var expired: CouponExpired?
        switch try holds.state(of: order) {
        case nil: try holds.openUnheld(event.order, as: .tombstone)
        case .held:
            try holds.release(order)
            let copy = try UserCouponStore(step.transaction).release(heldBy: order, at: step.now)
            cancelled = CouponUsageCancelled(order: event.order, couponID: copy.couponID, userCouponID: copy.id)
            if copy.status == .expired {
                expired = CouponExpired(copies: [.init(id: copy.id, couponID: copy.couponID, userID: copy.userID)])
            }
        case .released, .rejected, .tombstone: break
        case .used: return .ignore(.notExpected)
        }
        return .accept(Both(CouponReleased(order: event.order), Both(cancelled, expired)))
    }
}
