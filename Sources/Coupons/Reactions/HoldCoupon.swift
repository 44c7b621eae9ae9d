import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Validates the coupon of an order and holds the user's copy; a code gives him one first, if he may have it.
struct HoldCoupon: Reaction, Compensable {
    typealias Accepted = Both<CouponValidated, Both<CouponHeld, IssueNotice?>>
    typealias Rejected = Both<CouponValidationFailed, Both<IssueNotice?, CouponExpired?>>

    static let id: ReactionID = "coupons.hold-coupon"

    func react(
        to event: CouponValidationRequested, in step: SQLStep
    ) throws -> Reply<Accepted, Rejected> {
        let holds = HoldStore(step)
        switch try holds.state(of: event.order.id) {
        case nil: break
        case .tombstone: return .ignore(.tombstone)
        case .held, .rejected, .released, .used: return .ignore(.duplicate)
        }
        switch try find(event.order, in: step) {
        case .failure(let refused): return try refuse(event.order, because: refused.refusal, in: step)
        case .success(let found):
            let basket = CouponDecision.Basket(
                lines: event.order.lines, total: event.order.total, orderedAt: event.order.orderedAt)
            switch try CouponDecision.discount(found.copy, of: found.coupon, on: basket) {
            case .failure(let refused):
                return try refuse(event.order, because: refused.refusal, after: found, in: step)
            case .success(let discount): return try hold(found, for: event.order, discount, in: step)
            }
        }
    }

    private func hold(
        _ found: Found, for order: OrderFacts, _ discount: Money, in step: SQLStep
    ) throws -> Reply<Accepted, Rejected> {
        var order = order
        order.discount = discount
        order.final = try order.total.subtracting(discount)
        let copy = found.copy.id
        try HoldStore(step).openHeld(order, copy: copy)
        try UserCouponStore(step.transaction).hold(copy, of: order.userID, for: order.id, at: step.now)
        return .accept(
            Both(
                CouponValidated(order: order, userCouponID: copy),
                Both(CouponHeld(order: order, couponID: found.coupon.id, userCouponID: copy), found.notice)))
    }

    /// Commits, so a copy that was claimed by its code stays the user's.
    private func refuse(
        _ order: OrderFacts, because refusal: Refusal, after found: Found? = nil, in step: SQLStep
    ) throws -> Reply<Accepted, Rejected> {
        try HoldStore(step).openUnheld(order, as: .rejected)
        var expired: CouponExpired?
        if let copy = found?.copy, refusal.code == .couponExpired,
            try UserCouponStore(step.transaction).expire(copy.id, at: step.now)
        {
            expired = CouponExpired(copies: [.init(id: copy.id, couponID: copy.couponID, userID: copy.userID)])
        }
        return .reject(
            Both(
                CouponValidationFailed(order: order, cause: .refused, refusal: refusal), Both(found?.notice, expired)))
    }

    /// The copy that an order is to use.
    private struct Found {
        let copy: UserCoupon
        let coupon: Coupon
        /// What is to be told, if it was issued just now.
        var notice: IssueNotice?
    }

    private func find(_ order: OrderFacts, in step: SQLStep) throws -> Result<Found, Refused> {
        guard let choice = order.coupon else {
            throw SagaFault.permanent(.contract, "a coupon is to be validated for an order without one")
        }
        switch choice {
        case .owned(let id): return try owned(id, by: order.userID, in: step)
        case .code(let code): return try claimed(code, by: order, in: step)
        }
    }

    private func owned(_ id: UserCouponID, by user: UserID, in step: SQLStep) throws -> Result<Found, Refused> {
        // Another user's copy is answered as if it did not exist.
        guard let copy = try UserCouponStore(step.transaction).copy(id), copy.userID == user,
            let coupon = try CouponStore(step.transaction).coupon(copy.couponID)
        else { return .failure(Refused(Refusal(.couponNotFound))) }
        return .success(Found(copy: copy, coupon: coupon))
    }

    private func claimed(_ code: String, by order: OrderFacts, in step: SQLStep) throws -> Result<Found, Refused> {
        guard let coupon = try CouponStore(step.transaction).coupon(code: code) else {
            return .failure(Refused(Refusal(.couponNotFound)))
        }
        if let copy = try UserCouponStore(step.transaction).copy(of: coupon.id, ownedBy: order.userID) {
            return .success(Found(copy: copy, coupon: coupon))
        }
        return try CouponIssuing(step).issue(
            coupon, to: order.userID, .ordered, unless: coupon.refusalToClaim(at: order.orderedAt)
        ).map { Found(copy: $0.copy, coupon: coupon, notice: $0.notice) }
    }
}
