import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// Counts copies. All it reads of copies is in one index, and of one coupon only that coupon's part of it.
struct StatisticsStore {
    static let dayLength: Int64 = 86_400_000

    let transaction: any SQLTransaction
    /// Only copies of this coupon; `nil`: of all.
    let coupon: CouponID?
    let now: Timestamp

    /// The coupons counted, as a range: one, or all there can be.
    private var first: UUID { coupon?.uuid ?? CouponQueries.noID }
    private var last: UUID {
        coupon?.uuid ?? UUID(uuid: (255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
    }

    func figures() throws -> CouponFigures {
        var figures = CouponFigures()
        for row in try transaction.rows(
            """
            SELECT CASE WHEN status = 'ACTIVE' AND expires_at <= \(now.milliseconds) THEN 'EXPIRED' ELSE status END
                AS standing, COUNT(*) AS n
            FROM coupons_user_coupons WHERE coupon_id >= \(first) AND coupon_id <= \(last) GROUP BY standing
            """)
        {
            let count = try row.int64("n")
            figures.issued += count
            switch try row.value("standing", as: UserCouponStatus.self) {
            case .active: figures.active = count
            case .held: figures.held = count
            case .used: figures.used = count
            case .expired: figures.expired = count
            }
        }
        figures.discountGiven = try discountGiven()
        return figures
    }

    private func discountGiven() throws -> Money {
        let statement: SQLStatement =
            if let coupon {
                """
                SELECT COALESCE(SUM(g.discount), 0) AS given
                FROM coupons_user_coupons u JOIN coupons_usage g ON g.user_coupon_id = u.id
                WHERE u.coupon_id = \(coupon) AND u.status = 'USED'
                """
            } else {
                "SELECT COALESCE(SUM(discount), 0) AS given FROM coupons_usage WHERE is_confirmed"
            }
        return Money(try transaction.first(statement)?.int64("given") ?? 0)
    }

    /// Days from the one of `start` on that had something, oldest first.
    func days(since start: Timestamp) throws -> [CouponDay] {
        let from = start.milliseconds / Self.dayLength * Self.dayLength
        var days: [Int64: CouponDay] = [:]
        func change(_ row: SQLRow, _ change: (inout CouponDay) throws -> Void) throws {
            let day = try row.int64("day")
            var found = days[day] ?? CouponDay(day: Timestamp(milliseconds: day * Self.dayLength))
            try change(&found)
            days[day] = found
        }
        for row in try transaction.rows(
            """
            SELECT issued_at / \(Self.dayLength) AS day, COUNT(*) AS n FROM coupons_user_coupons
            WHERE coupon_id >= \(first) AND coupon_id <= \(last) AND issued_at >= \(from) GROUP BY day
            """)
        { try change(row) { $0.issued = try row.int64("n") } }
        for row in try transaction.rows(
            """
            SELECT expires_at / \(Self.dayLength) AS day, COUNT(*) AS n FROM coupons_user_coupons
            WHERE coupon_id >= \(first) AND coupon_id <= \(last) AND status IN ('ACTIVE', 'EXPIRED')
                AND expires_at >= \(from) AND expires_at <= \(now.milliseconds) GROUP BY day
            """)
        { try change(row) { $0.expired = try row.int64("n") } }
        for row in try usesByDay(from: from) {
            try change(row) {
                $0.used = try row.int64("n")
                $0.discountGiven = Money(try row.int64("given"))
            }
        }
        return days.sorted { $0.key < $1.key }.map(\.value)
    }

    private func usesByDay(from: Int64) throws -> [SQLRow] {
        let statement: SQLStatement =
            if let coupon {
                """
                SELECT g.used_at / \(Self.dayLength) AS day, COUNT(*) AS n, SUM(g.discount) AS given
                FROM coupons_user_coupons u JOIN coupons_usage g ON g.user_coupon_id = u.id
                WHERE u.coupon_id = \(coupon) AND u.status = 'USED' AND g.used_at >= \(from) GROUP BY day
                """
            } else {
                """
                SELECT used_at / \(Self.dayLength) AS day, COUNT(*) AS n, SUM(discount) AS given FROM coupons_usage
                WHERE is_confirmed AND used_at >= \(from) GROUP BY day
                """
            }
        return try transaction.rows(statement)
    }

    /// The coupons used most often; what they gave is added up only for those.
    func mostUsed(limit: Int) throws -> [CouponUsage] {
        let rows = try transaction.rows(
            """
            SELECT coupon_id, COUNT(*) AS n FROM coupons_user_coupons
            WHERE status = 'USED' GROUP BY coupon_id ORDER BY n DESC, coupon_id LIMIT \(limit)
            """)
        let coupons = try CouponStore(transaction).coupons(
            Set(try rows.map { CouponID(try $0.uuid("coupon_id")) }))
        return try rows.compactMap { row in
            let id = CouponID(try row.uuid("coupon_id"))
            let given = try StatisticsStore(transaction: transaction, coupon: id, now: now).discountGiven()
            return try coupons[id].map {
                CouponUsage(coupon: $0, used: try row.int64("n"), discountGiven: given)
            }
        }
    }
}
