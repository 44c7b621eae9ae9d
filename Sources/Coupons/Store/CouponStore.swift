import PurchaseContracts
import SQLCore
import SagaChoreography

/// Coupons and how often each was issued.
struct CouponStore {
    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// Adds a coupon; `false` if its code is taken.
    func insert(_ coupon: Coupon) throws -> Bool {
        let columns = try CouponColumns(coupon.rule)
        return try transaction.changesOne(
            """
            INSERT INTO coupons_coupons
                (id, code, discount_type, discount_value, max_discount_amount, min_order_amount, applicable_type,
                applicable_targets, total_quantity, validity_type, validity_days, valid_from, valid_until, is_active,
                created_by, created_at, updated_at)
            VALUES (\(coupon.id), \(columns.code), \(columns.discountType), \(columns.discountValue), \(columns.cap),
                \(coupon.rule.minOrderAmount), \(columns.scopeType), \(columns.scopeTargets),
                \(coupon.rule.totalQuantity), \(columns.validityType), \(columns.days), \(columns.from), \(columns.until),
                \(coupon.isActive), \(coupon.createdBy), \(coupon.createdAt.milliseconds),
                \(coupon.createdAt.milliseconds))
            ON CONFLICT (code) DO NOTHING
            """)
    }

    func coupon(_ id: CouponID) throws -> Coupon? {
        try transaction.first("SELECT * FROM coupons_coupons WHERE id = \(id)").map(Coupon.init(row:))
    }

    /// Finds by what a user typed, without regard to case.
    func coupon(code: String) throws -> Coupon? {
        try transaction.first("SELECT * FROM coupons_coupons WHERE code = \(code.lowercased())").map(Coupon.init(row:))
    }

    /// Switches a coupon on or off; `false` if it was so before.
    func setActive(_ isActive: Bool, _ id: CouponID, at now: Timestamp) throws -> Bool {
        try transaction.changesOne(
            """
            UPDATE coupons_coupons SET is_active = \(isActive), updated_at = \(now.milliseconds)
            WHERE id = \(id) AND is_active <> \(isActive)
            """)
    }

    /// Counts one more copy; `false` if all are issued.
    func countIssue(of id: CouponID, at now: Timestamp) throws -> Bool {
        try transaction.changesOne(
            """
            UPDATE coupons_coupons SET issued = issued + 1, updated_at = \(now.milliseconds)
            WHERE id = \(id) AND issued < total_quantity
            """)
    }
}
