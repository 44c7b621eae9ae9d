import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Validates the coupon of an order and holds the user's copy; a code gives him one first, if he may have it.
struct HoldCoupon: Reaction, Compensable {
    static let id: ReactionID = "coupons.hold-coupon"

    func react(
        to event: CouponValidationRequested, in step: SQLStep
    ) throws -> Reply<CouponValidated, CouponValidationFailed> {
        let holds = HoldStore(step)
        switch try holds.state(of: event.order.id) {
        case nil: break
        case .tombstone: return .ignore(.tombstone)
        case .held, .rejected, .released, .used: return .ignore(.duplicate)
        }
        switch try decide(event.order, in: step) {
        case .success(let hold):
            try holds.openHeld(hold.order, copy: hold.copy)
            try UserCouponStore(step.transaction).hold(
                hold.copy, of: event.order.userID, for: event.order.id, at: step.now)
            return .accept(CouponValidated(order: hold.order, userCouponID: hold.copy))
        case .failure(let refused):
            // Commits, so a copy that was claimed by its code stays the user's.
            try holds.openUnheld(event.order, as: .rejected)
            return .reject(CouponValidationFailed(order: event.order, cause: .refused, refusal: refused.refusal))
        }
    }

    private struct Hold {
        let order: OrderFacts
        let copy: UserCouponID
    }

    private func decide(_ order: OrderFacts, in step: SQLStep) throws -> Result<Hold, Refused> {
        guard let choice = order.coupon else {
            throw SagaFault.permanent(.contract, "a coupon is to be validated for an order without one")
        }
        let found: Result<(UserCoupon, Coupon), Refused> =
            switch choice {
            case .owned(let id): try owned(id, by: order.userID, in: step)
            case .code(let code): try claimed(code, by: order, in: step)
            }
        switch found {
        case .failure(let refused): return .failure(refused)
        case .success(let (copy, coupon)):
            let decision = try CouponDecision.apply(copy, of: coupon, to: order)
            if case .failure(let refused) = decision, refused.refusal.code == .couponExpired {
                try UserCouponStore(step.transaction).expire(copy.id, at: step.now)
            }
            return decision.map { Hold(order: $0, copy: copy.id) }
        }
    }

    private func owned(
        _ id: UserCouponID, by user: UserID, in step: SQLStep
    ) throws -> Result<(UserCoupon, Coupon), Refused> {
        // Another user's copy is answered as if it did not exist.
        guard let copy = try UserCouponStore(step.transaction).copy(id), copy.userID == user,
            let coupon = try CouponStore(step.transaction).coupon(copy.couponID)
        else { return .failure(Refused(Refusal(.couponNotFound))) }
        return .success((copy, coupon))
    }

    private func claimed(
        _ code: String, by order: OrderFacts, in step: SQLStep
    ) throws -> Result<(UserCoupon, Coupon), Refused> {
        guard let coupon = try CouponStore(step.transaction).coupon(code: code) else {
            return .failure(Refused(Refusal(.couponNotFound)))
        }
        if let copy = try UserCouponStore(step.transaction).copy(of: coupon.id, ownedBy: order.userID) {
            return .success((copy, coupon))
        }
        return try CouponIssuing(step).issue(
            coupon, to: order.userID, unless: coupon.refusalToClaim(at: order.orderedAt)
        ).map { ($0, coupon) }
    }
}
