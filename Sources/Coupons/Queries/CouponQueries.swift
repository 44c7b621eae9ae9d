import FoundationEssentials
import PurchaseContracts
import SQLCore

/// What others may read of this service, on one snapshot.
public struct CouponQueries {
    let transaction: any SQLTransaction

    public init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// One coupon; `nil` if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func coupon(_ id: CouponID) throws -> Coupon? { try CouponStore(transaction).coupon(id) }

    /// The coupon with this code, without regard to case; `nil` if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func coupon(code: String) throws -> Coupon? { try CouponStore(transaction).coupon(code: code) }

    /// A user's copies, soonest to expire first.
    ///
    /// - Throws: ``SQLError``.
    public func userCoupons(of user: UserID, limit: Int = 500) throws -> [UserCoupon] {
        try UserCouponStore(transaction).copies(ownedBy: user, limit: limit)
    }

    /// Whether the owner of a copy was warned that it expires soon.
    ///
    /// - Throws: ``SQLError``.
    public func isWarned(_ id: UserCouponID) throws -> Bool {
        try transaction.first(
            "SELECT 1 AS warned FROM coupons_user_coupons WHERE id = \(id) AND warned_at IS NOT NULL") != nil
    }

    /// One copy; `nil` if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func userCoupon(_ id: UserCouponID) throws -> UserCoupon? { try UserCouponStore(transaction).copy(id) }

    /// What a cross-service check must compare; orders that this service never touched are missing.
    ///
    /// - Throws: ``SQLError``.
    public func settlement(of orders: [OrderID]) throws -> [OrderID: CouponsSettlement] {
        var settlements: [OrderID: CouponsSettlement] = [:]
        for row in try transaction.rows(
            """
            SELECT s.subject, s.state, s.settled, s.user_coupon_id, s.discount, u.is_confirmed
            FROM coupons_saga s LEFT JOIN coupons_usage u ON u.order_id = s.subject
            WHERE s.subject IN (\(list: orders))
            """)
        {
            settlements[OrderID(try row.uuid("subject"))] = CouponsSettlement(
                state: try row.value("state", as: HoldState.self), isClosed: try row.bool("settled"),
                userCouponID: try row.optionalUUID("user_coupon_id").map(UserCouponID.init),
                discount: try row.optionalInt64("discount").map(Money.init),
                isUsageConfirmed: try row.isNull("is_confirmed") ? false : try row.bool("is_confirmed"))
        }
        return settlements
    }
}

/// An order with a coupon as this service left it.
public struct CouponsSettlement: Sendable, Hashable {
    public let state: HoldState
    /// Whether the order's settlement has arrived here.
    public let isClosed: Bool
    /// The copy that is or was held.
    public let userCouponID: UserCouponID?
    /// What it takes or took off; `nil` if none was held.
    public let discount: Money?
    public let isUsageConfirmed: Bool

    /// Whether a copy is still held for it.
    public var isHeld: Bool { state == .held }
}
