import PurchaseContracts

/// Whether a copy may be used on an order, and what it takes off.
struct CouponDecision {
    /// - Returns: the order's facts with discount and final amount, or why the copy may not be used.
    /// - Throws: ``MoneyOverflow`` if the lines do not fit into 64 bits, which Orders never lets through.
    static func apply(
        _ copy: UserCoupon, of coupon: Coupon, to order: OrderFacts
    ) throws -> Result<OrderFacts, Refused> {
        if let refusal = standing(copy, of: coupon, at: order) { return .failure(Refused(refusal)) }
        guard order.total >= coupon.rule.minOrderAmount else {
            return .failure(
                Refused(
                    Refusal(
                        .couponMinOrderAmount,
                        ["minimum": coupon.rule.minOrderAmount.minorUnits, "total": order.total.minorUnits])))
        }
        let lines = order.lines.filter(coupon.rule.scope.covers)
        guard !lines.isEmpty else { return .failure(Refused(Refusal(.couponNoApplicableItems))) }
        let amount = try lines.reduce(Money.zero) { try $0.adding($1.unitPrice.times($1.quantity)) }
        let discount = min(coupon.rule.discount.amount(on: amount), order.total)
        guard discount > .zero else { return .failure(Refused(Refusal(.couponNoDiscount))) }
        var discounted = order
        discounted.discount = discount
        discounted.final = try order.total.subtracting(discount)
        return .success(discounted)
    }

    private static func standing(_ copy: UserCoupon, of coupon: Coupon, at order: OrderFacts) -> Refusal? {
        switch copy.status {
        case .used: return Refusal(.couponAlreadyUsed)
        case .held: return Refusal(.couponAlreadyHeld)
        // The label lags behind the clock; only the period at order time decides.
        case .active, .expired: break
        }
        if !coupon.isActive { return Refusal(.couponInactive) }
        return copy.period.refusal(at: order.orderedAt)
    }
}

/// A refusal as an error, for `Result`.
struct Refused: Error {
    let refusal: Refusal
    init(_ refusal: Refusal) { self.refusal = refusal }
}
