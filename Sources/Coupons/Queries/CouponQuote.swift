import PurchaseContracts
import SagaChoreography

/// An order that a user thinks about.
public struct WouldBeOrder: Sendable, Hashable {
    /// One line an item, at the prices of now.
    public let lines: [OrderLine]
    /// Sum of the lines.
    public let total: Money

    /// - Throws: ``MoneyOverflow`` if the sum does not fit into 64 bits.
    public init(lines: [OrderLine]) throws(MoneyOverflow) {
        self.lines = lines
        var total = Money.zero
        for line in lines { total = try total.adding(line.unitPrice.times(line.quantity)) }
        self.total = total
    }
}

/// What a coupon would do for a would-be order.
public struct CouponQuote: Sendable, Hashable {
    public let coupon: Coupon
    /// `nil` if the user has none yet and would claim it by its code.
    public let copy: UserCoupon?
    /// What it takes off; zero if it may not be used.
    public let discount: Money
    /// Why it may not be used; `nil` if it may.
    public let refusal: Refusal?
}

extension CouponQueries {
    /// What one coupon would do; changes nothing.
    ///
    /// - Returns: `nil` if the user has no such copy, or there is no such code.
    /// - Throws: ``SQLError``; ``MoneyOverflow`` if the lines in the coupon's scope do not fit into 64 bits.
    public func preview(
        _ choice: CouponChoice, of user: UserID, on order: WouldBeOrder, at now: Timestamp
    ) throws -> CouponQuote? {
        let coupons = CouponStore(transaction)
        let copies = UserCouponStore(transaction)
        switch choice {
        case .owned(let id):
            guard let copy = try copies.copy(id), copy.userID == user, let coupon = try coupons.coupon(copy.couponID)
            else { return nil }
            return try Self.quote(copy, of: coupon, on: order, at: now)
        case .code(let code):
            guard let coupon = try coupons.coupon(code: code) else { return nil }
            if let copy = try copies.copy(of: coupon.id, ownedBy: user) {
                return try Self.quote(copy, of: coupon, on: order, at: now)
            }
            if let refusal = coupon.refusalToClaim(at: now) {
                return CouponQuote(coupon: coupon, copy: nil, discount: .zero, refusal: refusal)
            }
            return Self.quote(
                coupon, nil, try CouponDecision.discount(coupon.rule, on: Self.basket(order, at: now)))
        }
    }

    /// What each of a user's copies would do, best first: the largest discount, and of equal ones what expires first.
    ///
    /// - Parameter limit: at most so many copies are looked at, those first that can still be used.
    /// - Throws: as ``preview(_:of:on:at:)``.
    public func applicable(
        to order: WouldBeOrder, of user: UserID, at now: Timestamp, limit: Int = 500
    ) throws -> [CouponQuote] {
        let copies = try UserCouponStore(transaction).usableFirst(ownedBy: user, at: now, limit: limit)
        let coupons = try CouponStore(transaction).coupons(Set(copies.map(\.couponID)))
        let quotes = try copies.compactMap { copy in
            try coupons[copy.couponID].map { try Self.quote(copy, of: $0, on: order, at: now) }
        }
        func rank(_ quote: CouponQuote) -> (Int64, Timestamp, UserCouponID?) {
            (-quote.discount.minorUnits, quote.copy?.period.until ?? now, quote.copy?.id)
        }
        return quotes.sorted { left, right in
            let (a, b) = (rank(left), rank(right))
            if a.0 != b.0 { return a.0 < b.0 }
            if a.1 != b.1 { return a.1 < b.1 }
            guard let first = a.2, let second = b.2 else { return false }
            return first < second
        }
    }

    private static func quote(
        _ copy: UserCoupon, of coupon: Coupon, on order: WouldBeOrder, at now: Timestamp
    ) throws -> CouponQuote {
        quote(coupon, copy, try CouponDecision.discount(copy, of: coupon, on: basket(order, at: now)))
    }

    private static func quote(
        _ coupon: Coupon, _ copy: UserCoupon?, _ decision: Result<Money, Refused>
    ) -> CouponQuote {
        switch decision {
        case .success(let discount):
            CouponQuote(coupon: coupon, copy: copy, discount: discount, refusal: nil)
        case .failure(let refused):
            CouponQuote(coupon: coupon, copy: copy, discount: .zero, refusal: refused.refusal)
        }
    }

    private static func basket(_ order: WouldBeOrder, at now: Timestamp) -> CouponDecision.Basket {
        CouponDecision.Basket(lines: order.lines, total: order.total, orderedAt: now)
    }
}
