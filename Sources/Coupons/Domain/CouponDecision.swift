import PurchaseContracts
import SagaChoreography

/// Whether a copy may be used on an order, and what it takes off.
struct CouponDecision {
    /// What is ordered, at what prices, when.
    struct Basket {
        let lines: [OrderLine]
        /// Sum of the lines.
        let total: Money
        let orderedAt: Timestamp
    }

    /// - Returns: the discount, more than nothing and at most the total; or why the copy may not be used.
    /// - Throws: ``MoneyOverflow`` if the lines do not fit into 64 bits, which Orders never lets through.
    static func discount(
        _ copy: UserCoupon, of coupon: Coupon, on basket: Basket
    ) throws -> Result<Money, Refused> {
        if let refusal = standing(copy, of: coupon, at: basket.orderedAt) { return .failure(Refused(refusal)) }
        return try discount(coupon.rule, on: basket)
    }

    /// The same for a copy that is fit to be used.
    static func discount(_ rule: CouponRule, on basket: Basket) throws -> Result<Money, Refused> {
        guard basket.total >= rule.minOrderAmount else {
            return .failure(
                Refused(
                    Refusal(
                        .couponMinOrderAmount,
                        ["minimum": rule.minOrderAmount.minorUnits, "total": basket.total.minorUnits])))
        }
        let lines = basket.lines.filter(rule.scope.covers)
        guard !lines.isEmpty else { return .failure(Refused(Refusal(.couponNoApplicableItems))) }
        let amount = try lines.reduce(Money.zero) { try $0.adding($1.unitPrice.times($1.quantity)) }
        let discount = min(rule.discount.amount(on: amount), basket.total)
        guard discount > .zero else { return .failure(Refused(Refusal(.couponNoDiscount))) }
        return .success(discount)
    }

    private static func standing(_ copy: UserCoupon, of coupon: Coupon, at time: Timestamp) -> Refusal? {
        switch copy.status {
        case .used: return Refusal(.couponAlreadyUsed)
        case .held: return Refusal(.couponAlreadyHeld)
        // The label lags behind the clock; only the period at order time decides.
        case .active, .expired: break
        }
        if !coupon.isActive { return Refusal(.couponInactive) }
        return copy.period.refusal(at: time)
    }
}

/// A refusal as an error, for `Result`.
struct Refused: Error {
    let refusal: Refusal
    init(_ refusal: Refusal) { self.refusal = refusal }
}
