import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// A user's copy with the coupon it is of.
public struct OwnedCoupon: Sendable, Hashable {
    public let copy: UserCoupon
    public let coupon: Coupon
}

/// A coupon that was used on an order that is completed.
public struct CouponUse: Sendable, Hashable {
    public let orderID: OrderID
    public let userCouponID: UserCouponID
    public let coupon: Coupon
    /// What the order came to without it.
    public let original: Money
    public let discount: Money
    public let final: Money
    public let usedAt: Timestamp
}

extension CouponQueries {
    /// Coupons, newest first.
    ///
    /// - Parameters:
    ///   - isActive: only those that are switched on, or off.
    ///   - code: only the one with this code, without regard to case.
    ///   - last: only older ones than this: the last one of the page before.
    /// - Throws: ``SQLError``.
    public func coupons(
        isActive: Bool? = nil, code: String? = nil, before last: CouponID? = nil, limit: Int
    ) throws -> [Coupon] {
        let code = code?.lowercased()
        return try transaction.rows(
            """
            SELECT * FROM coupons_coupons
            WHERE (\(isActive == nil) OR is_active = \(isActive ?? true))
                AND (\(code == nil) OR code = \(code ?? ""))
                AND (\(last == nil) OR id < \(last?.uuid ?? Self.noID))
            ORDER BY id DESC LIMIT \(limit)
            """
        ).map(Coupon.init(row:))
    }

    /// A user's copies with their coupons, soonest to expire first.
    ///
    /// - Parameters:
    ///   - status: only those that have it at `now`.
    ///   - last: only those behind this one: the last one of the page before.
    /// - Throws: ``SQLError``.
    public func ownedCoupons(
        of user: UserID, status: UserCouponStatus? = nil, at now: Timestamp, after last: UserCouponID? = nil,
        limit: Int
    ) throws -> [OwnedCoupon] {
        let store = UserCouponStore(transaction)
        let copies = try store.copies(ownedBy: user, status: status, at: now, after: last, limit: limit)
        let coupons = try CouponStore(transaction).coupons(Set(copies.map(\.couponID)))
        return copies.compactMap { copy in coupons[copy.couponID].map { OwnedCoupon(copy: copy, coupon: $0) } }
    }

    /// What a user used, newest order first.
    ///
    /// - Parameter last: only older orders than this: the last one of the page before.
    /// - Throws: ``SQLError``.
    public func history(of user: UserID, before last: OrderID? = nil, limit: Int) throws -> [CouponUse] {
        let rows = try transaction.rows(
            """
            SELECT g.order_id, g.user_coupon_id, g.original, g.discount, g.final, g.used_at, u.coupon_id
            FROM coupons_saga s
            JOIN coupons_usage g ON g.order_id = s.subject
            JOIN coupons_user_coupons u ON u.id = g.user_coupon_id
            WHERE s.state = 'USED' AND s.user_id = \(user)
                AND (\(last == nil) OR s.subject < \(last?.uuid ?? Self.noID))
            ORDER BY s.subject DESC LIMIT \(limit)
            """)
        let coupons = try CouponStore(transaction).coupons(
            Set(try rows.map { CouponID(try $0.uuid("coupon_id")) }))
        return try rows.compactMap { row in
            guard let coupon = coupons[CouponID(try row.uuid("coupon_id"))] else { return nil }
            return CouponUse(
                orderID: OrderID(try row.uuid("order_id")),
                userCouponID: UserCouponID(try row.uuid("user_coupon_id")), coupon: coupon,
                original: Money(try row.int64("original")), discount: Money(try row.int64("discount")),
                final: Money(try row.int64("final")),
                usedAt: Timestamp(milliseconds: try row.int64("used_at")))
        }
    }

    /// An issue to everyone; `nil` if the coupon has none of this id.
    ///
    /// - Throws: ``SQLError``.
    public func issueJob(_ id: IssueJobID, of coupon: CouponID) throws -> IssueJob? {
        try IssueJobStore(transaction).job(id).flatMap { $0.couponID == coupon ? $0 : nil }
    }

    /// Stands where a condition that is not asked for still wants a value.
    static let noID = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
}
