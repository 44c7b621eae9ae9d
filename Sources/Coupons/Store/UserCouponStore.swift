import PurchaseContracts
import SQLCore
import SagaChoreography

/// Users' copies of coupons. Every change of status is guarded.
struct UserCouponStore {
    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    func copy(_ id: UserCouponID) throws -> UserCoupon? {
        try transaction.first("SELECT * FROM coupons_user_coupons WHERE id = \(id)").map(UserCoupon.init(row:))
    }

    func copy(of coupon: CouponID, ownedBy user: UserID) throws -> UserCoupon? {
        try transaction.first(
            "SELECT * FROM coupons_user_coupons WHERE coupon_id = \(coupon) AND user_id = \(user)"
        ).map(UserCoupon.init(row:))
    }

    /// Soonest to expire first.
    func copies(ownedBy user: UserID, limit: Int) throws -> [UserCoupon] {
        try transaction.rows(
            "SELECT * FROM coupons_user_coupons WHERE user_id = \(user) ORDER BY expires_at, id LIMIT \(limit)"
        ).map(UserCoupon.init(row:))
    }

    /// The copy that the user claimed under an idempotency key.
    func copy(claimedUnder key: String, by user: UserID) throws -> UserCoupon? {
        try transaction.first(
            "SELECT * FROM coupons_user_coupons WHERE user_id = \(user) AND claim_key = \(key)"
        ).map(UserCoupon.init(row:))
    }

    /// Adds a copy; `false` if the user has one of this coupon, or used the key for another.
    func insert(_ copy: UserCoupon, claimedUnder key: String?) throws -> Bool {
        try transaction.changesOne(
            """
            INSERT INTO coupons_user_coupons
                (id, coupon_id, user_id, status, valid_from, expires_at, issued_at, updated_at, claim_key)
            VALUES (\(copy.id), \(copy.couponID), \(copy.userID), \(copy.status.rawValue),
                \(copy.period.from?.milliseconds), \(copy.period.until.milliseconds), \(copy.issuedAt.milliseconds),
                \(copy.issuedAt.milliseconds), \(key))
            ON CONFLICT DO NOTHING
            """)
    }

    /// Holds a copy for an order. One labelled EXPIRED may be held: whether it was valid at order time was checked.
    func hold(_ id: UserCouponID, of user: UserID, for order: OrderID, at now: Timestamp) throws {
        let held = try transaction.changesOne(
            """
            UPDATE coupons_user_coupons
            SET status = 'HELD', order_id = \(order), updated_at = \(now.milliseconds)
            WHERE id = \(id) AND user_id = \(user) AND status IN ('ACTIVE', 'EXPIRED')
            """)
        guard held else { throw SQLError(.busy, "coupons_user_coupons: the copy was taken meanwhile") }
    }

    /// Gives back what an order holds, as EXPIRED if its time has passed.
    ///
    /// - Returns: the copy as it is now.
    func release(heldBy order: OrderID, at now: Timestamp) throws -> UserCoupon {
        let released = try transaction.first(
            """
            UPDATE coupons_user_coupons
            SET status = CASE WHEN expires_at <= \(now.milliseconds) THEN 'EXPIRED' ELSE 'ACTIVE' END,
                order_id = NULL, updated_at = \(now.milliseconds)
            WHERE order_id = \(order) AND status = 'HELD' RETURNING *
            """
        ).map(UserCoupon.init(row:))
        guard let released else { throw SagaFault.alarm("order \(order) holds a coupon, but no copy says so") }
        return released
    }

    /// Spends what an order holds.
    func spend(heldBy order: OrderID, at now: Timestamp) throws {
        let spent = try transaction.changesOne(
            """
            UPDATE coupons_user_coupons SET status = 'USED', updated_at = \(now.milliseconds)
            WHERE order_id = \(order) AND status = 'HELD'
            """)
        guard spent else { throw SagaFault.alarm("order \(order) holds a coupon, but no copy says so") }
    }

    /// Labels a copy whose time has passed.
    ///
    /// - Returns: whether it was not labelled so before.
    func expire(_ id: UserCouponID, at now: Timestamp) throws -> Bool {
        try transaction.changesOne(
            """
            UPDATE coupons_user_coupons SET status = 'EXPIRED', updated_at = \(now.milliseconds)
            WHERE id = \(id) AND status = 'ACTIVE' AND expires_at <= \(now.milliseconds)
            """)
    }
}

extension UserCoupon {
    init(row: SQLRow) throws {
        self.init(
            id: UserCouponID(try row.uuid("id")), couponID: CouponID(try row.uuid("coupon_id")),
            userID: UserID(try row.uuid("user_id")), status: try row.value("status", as: UserCouponStatus.self),
            period: ValidityPeriod(
                from: try row.optionalInt64("valid_from").map(Timestamp.init(milliseconds:)),
                until: Timestamp(milliseconds: try row.int64("expires_at"))),
            issuedAt: Timestamp(milliseconds: try row.int64("issued_at")),
            orderID: try row.optionalUUID("order_id").map(OrderID.init))
    }
}
