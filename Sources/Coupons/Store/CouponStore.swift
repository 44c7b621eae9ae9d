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

    /// The same, locked until the transaction ends: whoever else issues copies of it waits.
    func locked(_ id: CouponID) throws -> Coupon? {
        let statement: SQLStatement =
            switch transaction.dialect {
            case .sqlite: "SELECT * FROM coupons_coupons WHERE id = \(id)"
            case .postgres: "SELECT * FROM coupons_coupons WHERE id = \(id) FOR UPDATE"
            }
        return try transaction.first(statement).map(Coupon.init(row:))
    }

    /// Counts so many more copies.
    ///
    /// - Returns: what is issued after it; `nil`, and nothing is changed, if there are not so many left.
    func countIssue(of id: CouponID, by count: Int64 = 1, at now: Timestamp) throws -> StockLevel? {
        try transaction.first(
            """
            UPDATE coupons_coupons SET issued = issued + \(count), updated_at = \(now.milliseconds)
            WHERE id = \(id) AND issued <= total_quantity - \(count) RETURNING issued, total_quantity
            """
        ).map { row in StockLevel(issued: try row.int64("issued"), total: try row.int64("total_quantity")) }
    }

    /// Writes what may be changed of a coupon. The guards repeat what was checked: no copy may have been issued meanwhile
    /// that was promised something else.
    ///
    /// - Returns: whether it was written; `false` if the code is another's, or copies were issued meanwhile.
    func update(_ id: CouponID, to rule: CouponRule, keepsTerms: Bool, at now: Timestamp) throws -> Bool {
        let columns = try CouponColumns(rule)
        if let code = columns.code,
            try transaction.first("SELECT 1 AS one FROM coupons_coupons WHERE code = \(code) AND id <> \(id)") != nil
        {
            return false
        }
        return try transaction.changesOne(
            """
            UPDATE coupons_coupons
            SET code = \(columns.code), discount_type = \(columns.discountType),
                discount_value = \(columns.discountValue), max_discount_amount = \(columns.cap),
                min_order_amount = \(rule.minOrderAmount), applicable_type = \(columns.scopeType),
                applicable_targets = \(columns.scopeTargets), total_quantity = \(rule.totalQuantity),
                validity_type = \(columns.validityType), validity_days = \(columns.days), valid_from = \(columns.from),
                valid_until = \(columns.until), updated_at = \(now.milliseconds)
            WHERE id = \(id) AND issued <= \(rule.totalQuantity) AND (issued = 0 OR \(keepsTerms))
            """)
    }
}

extension CouponStore {
    /// Several coupons by id; those that do not exist are missing.
    func coupons(_ ids: Set<CouponID>) throws -> [CouponID: Coupon] {
        guard !ids.isEmpty else { return [:] }
        let rows = try transaction.rows("SELECT * FROM coupons_coupons WHERE id IN (\(list: ids.sorted()))")
        return Dictionary(uniqueKeysWithValues: try rows.map(Coupon.init(row:)).map { ($0.id, $0) })
    }
}
