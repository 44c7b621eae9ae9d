import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Gives a user his copy of a coupon: one more issued, one copy a user.
struct CouponIssuing {
    let step: SQLStep

    init(_ step: SQLStep) { self.step = step }

    /// - Parameter refusal: why the coupon's rule forbids it, if it does.
    /// - Returns: the copy, or why there is none; nothing is changed then.
    func issue(_ coupon: Coupon, to user: UserID, unless refusal: Refusal?) throws -> Result<UserCoupon, Refused> {
        if let refusal { return .failure(Refused(refusal)) }
        // The coupon's row first: whoever else wants a copy waits here.
        guard try CouponStore(step.transaction).countIssue(of: coupon.id, at: step.now) else {
            return .failure(Refused(Refusal(.couponOutOfStock)))
        }
        let copy = UserCoupon(
            id: UserCouponID(step.ids.next()), couponID: coupon.id, userID: user, status: .active,
            period: coupon.rule.validity.period(issuedAt: step.now), issuedAt: step.now, orderID: nil)
        guard try UserCouponStore(step.transaction).insert(copy) else {
            // Looked up before: only a concurrent transaction can have been first. Rolls the count back.
            throw SQLError(.busy, "coupons_user_coupons: the user got a copy meanwhile")
        }
        return .success(copy)
    }
}
