import PurchaseContracts
import SQLCore
import SagaChoreography

extension UserCouponStore {
    /// Those of `users` who have a copy, whatever became of it.
    func owners(of coupon: CouponID, among users: [UserID]) throws -> Set<UserID> {
        let rows = try transaction.rows(
            "SELECT user_id FROM coupons_user_coupons WHERE coupon_id = \(coupon) AND user_id IN (\(list: users))")
        return Set(try rows.map { UserID(try $0.uuid("user_id")) })
    }

    /// Adds fresh copies of one coupon, all issued now; those of users who have one are left out.
    ///
    /// - Returns: how many were added.
    func insert(all copies: [UserCoupon]) throws -> Int {
        guard let first = copies.first else { return 0 }
        var values: [SQLValue] = [
            first.couponID.sqlValue, first.period.from.map { .integer($0.milliseconds) } ?? .null,
            .integer(first.period.until.milliseconds), .integer(first.issuedAt.milliseconds),
        ]
        // What all copies share is bound once.
        var rows: [String] = []
        rows.reserveCapacity(copies.count)
        for copy in copies {
            let place = values.count
            // In the order in which the placeholders first appear in the text.
            rows.append("($1, $2, $3, $4, $4, 'ACTIVE', $\(place + 1), $\(place + 2))")
            values += [copy.id.sqlValue, copy.userID.sqlValue]
        }
        return try transaction.execute(
            SQLStatement(
                """
                INSERT INTO coupons_user_coupons
                    (coupon_id, valid_from, expires_at, issued_at, updated_at, status, id, user_id)
                VALUES \(rows.joined(separator: ", "))
                ON CONFLICT (coupon_id, user_id) DO NOTHING
                """, values: values))
    }

    /// Labels copies whose time has passed, those first that expired first.
    func expire(limit: Int, at now: Timestamp) throws -> [UserCoupon] {
        try transaction.rows(
            """
            UPDATE coupons_user_coupons SET status = 'EXPIRED', updated_at = \(now.milliseconds)
            WHERE id IN (
                SELECT id FROM coupons_user_coupons WHERE status = 'ACTIVE' AND expires_at <= \(now.milliseconds)
                ORDER BY expires_at LIMIT \(limit: limit)) AND status = 'ACTIVE'
            RETURNING *
            """
        ).map(UserCoupon.init(row:))
    }

    /// When the next copy expires; `nil` if none does.
    func nextExpiry() throws -> Timestamp? {
        try transaction.first(
            "SELECT expires_at FROM coupons_user_coupons WHERE status = 'ACTIVE' ORDER BY expires_at LIMIT 1"
        ).map { Timestamp(milliseconds: try $0.int64("expires_at")) }
    }

    /// Notes that the owners of copies that expire soon are warned, those first that expire first.
    func warn(limit: Int, at now: Timestamp) throws -> [UserCoupon] {
        let end = now + UserCoupon.warningTime
        return try transaction.rows(
            """
            UPDATE coupons_user_coupons SET warned_at = \(now.milliseconds)
            WHERE id IN (
                SELECT id FROM coupons_user_coupons
                WHERE status = 'ACTIVE' AND warned_at IS NULL
                    AND expires_at > \(now.milliseconds) AND expires_at <= \(end.milliseconds)
                ORDER BY expires_at LIMIT \(limit: limit)) AND warned_at IS NULL
            RETURNING *
            """
        ).map(UserCoupon.init(row:))
    }

    /// When the next owner is to be warned; `nil` if none is.
    func nextWarning(after now: Timestamp) throws -> Timestamp? {
        try transaction.first(
            """
            SELECT expires_at FROM coupons_user_coupons
            WHERE status = 'ACTIVE' AND warned_at IS NULL AND expires_at > \(now.milliseconds)
            ORDER BY expires_at LIMIT 1
            """
        ).map { Timestamp(milliseconds: try $0.int64("expires_at")) + (.zero - UserCoupon.warningTime) }
    }
}

extension UserCouponStore {
    /// Soonest to expire first; a copy whose time has passed counts as expired, whether or not it is labelled so.
    func copies(
        ownedBy user: UserID, status: UserCouponStatus?, at now: Timestamp, after last: UserCouponID?, limit: Int
    ) throws -> [UserCoupon] {
        // The page before ends with a copy whose time of expiry never changes, so its place in the order does not either.
        let end = try last.flatMap(copy)
        return try transaction.rows(
            """
            SELECT * FROM coupons_user_coupons
            WHERE user_id = \(user)
                AND (\(status == nil) OR \(status?.rawValue ?? "") = CASE
                    WHEN status = 'ACTIVE' AND expires_at <= \(now.milliseconds) THEN 'EXPIRED' ELSE status END)
                AND (\(end == nil) OR expires_at > \(end?.period.until.milliseconds ?? 0)
                    OR (expires_at = \(end?.period.until.milliseconds ?? 0)
                        AND id > \(end?.id.uuid ?? CouponQueries.noID)))
            ORDER BY expires_at, id LIMIT \(limit)
            """
        ).map(UserCoupon.init(row:))
    }

    /// Those first that can still be used, soonest to expire first.
    func usableFirst(ownedBy user: UserID, at now: Timestamp, limit: Int) throws -> [UserCoupon] {
        try transaction.rows(
            """
            SELECT * FROM coupons_user_coupons WHERE user_id = \(user)
            ORDER BY CASE WHEN status = 'ACTIVE' AND expires_at > \(now.milliseconds) THEN 0 ELSE 1 END,
                expires_at, id
            LIMIT \(limit)
            """
        ).map(UserCoupon.init(row:))
    }
}
