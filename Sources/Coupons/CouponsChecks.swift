import SagaSQL

/// What must be true of this service's tables at all times.
public enum CouponsChecks {
    public static let all: [InvariantCheck] = [
        InvariantCheck(
            "coupons.issued-within-total", "each coupon: 0 <= issued <= total",
            violations: "SELECT hex(id) AS what FROM coupons_coupons WHERE issued < 0 OR issued > total_quantity"),
        InvariantCheck(
            "coupons.issued-adds-up", "each coupon: issued = the copies that users have",
            violations: """
                SELECT hex(c.id) AS what FROM coupons_coupons c
                WHERE c.issued <> (SELECT COUNT(*) FROM coupons_user_coupons u WHERE u.coupon_id = c.id)
                """),
        InvariantCheck(
            "coupons.copy-matches-order", "a copy is HELD or USED if and only if its order's row says the same",
            violations: """
                SELECT hex(u.id) AS what FROM coupons_user_coupons u
                LEFT JOIN coupons_saga s ON s.subject = u.order_id
                WHERE u.order_id IS NOT NULL
                    AND (s.subject IS NULL OR s.state <> u.status OR s.user_coupon_id <> u.id OR s.user_id <> u.user_id)
                """),
        InvariantCheck(
            "coupons.order-matches-copy", "an order's row is HELD or USED only with the copy that says the same",
            violations: """
                SELECT hex(s.subject) AS what FROM coupons_saga s
                LEFT JOIN coupons_user_coupons u ON u.id = s.user_coupon_id AND u.order_id = s.subject
                WHERE s.state IN ('HELD', 'USED') AND (u.id IS NULL OR u.status <> s.state)
                """),
        InvariantCheck(
            "coupons.one-order-a-copy", "each copy is in at most one order that is not released",
            violations: """
                SELECT hex(user_coupon_id) AS what FROM coupons_saga
                WHERE state IN ('HELD', 'USED') GROUP BY user_coupon_id HAVING COUNT(*) > 1
                """),
        InvariantCheck(
            "coupons.usage-matches-order", "a usage is logged for HELD and USED orders only, confirmed when USED",
            violations: """
                SELECT hex(s.subject) AS what FROM coupons_saga s
                LEFT JOIN coupons_usage u ON u.order_id = s.subject
                WHERE (s.state IN ('HELD', 'USED')) <> (u.order_id IS NOT NULL)
                    OR (u.order_id IS NOT NULL AND (s.state = 'USED') <> u.is_confirmed)
                """),
        InvariantCheck(
            "coupons.discount-as-promised",
            "each usage takes off what its order's row says, at most a fixed value or cap",
            violations: """
                SELECT hex(g.order_id) AS what FROM coupons_usage g
                JOIN coupons_saga s ON s.subject = g.order_id
                JOIN coupons_user_coupons u ON u.id = g.user_coupon_id
                JOIN coupons_coupons c ON c.id = u.coupon_id
                WHERE s.discount <> g.discount OR s.user_coupon_id <> g.user_coupon_id
                    OR (c.discount_type = 'FIXED_AMOUNT' AND g.discount > c.discount_value)
                    OR g.discount > COALESCE(c.max_discount_amount, g.discount)
                    OR g.original < c.min_order_amount
                """),
        InvariantCheck(
            "coupons.expired-in-time", "a copy is EXPIRED only after its time",
            violations: """
                SELECT hex(id) AS what FROM coupons_user_coupons WHERE status = 'EXPIRED' AND expires_at > updated_at
                """),
        InvariantCheck(
            "coupons.warned-in-time", "nobody is warned before the last three days of a copy, or after its end",
            violations: """
                SELECT hex(id) AS what FROM coupons_user_coupons
                WHERE warned_at < expires_at - 259200000 OR warned_at >= expires_at
                """),
        InvariantCheck(
            "coupons.job-adds-up", "an issue to everyone has issued no more copies than its coupon",
            violations: """
                SELECT hex(j.coupon_id) AS what FROM coupons_issue_jobs j JOIN coupons_coupons c ON c.id = j.coupon_id
                GROUP BY j.coupon_id, c.issued HAVING SUM(j.issued) > c.issued
                """),
    ]
}
