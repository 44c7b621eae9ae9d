import SagaSQL

/// What must be true of this service's tables at all times. Constraints refuse most of it; the checks find what came in past
/// them, and what no constraint can say.
public enum OrdersChecks {
    public static let all: [InvariantCheck] = [
        InvariantCheck(
            "orders.amounts-add-up", "each order: final = total - discount, none negative",
            violations: """
                SELECT hex(subject) AS what FROM orders_orders
                WHERE final <> total - discount OR total < 0 OR discount < 0 OR final < 0
                """),
        InvariantCheck(
            "orders.lines-sum-up", "each order has lines, one an item, and their sum is the total",
            violations: """
                SELECT hex(o.subject) AS what FROM orders_orders o
                LEFT JOIN orders_lines l ON l.order_id = o.subject
                GROUP BY o.subject, o.total
                HAVING COUNT(l.position) = 0 OR COUNT(l.position) <> COUNT(DISTINCT l.item_id)
                    OR COALESCE(SUM(l.unit_price * l.quantity), 0) <> o.total
                """),
        InvariantCheck(
            "orders.completed-is-confirmed", "each COMPLETED or REFUNDED order has its three confirmations",
            violations: """
                SELECT hex(subject) AS what FROM orders_orders
                WHERE state IN ('COMPLETED', 'REFUNDED') AND NOT (payment_confirmed AND inventory_confirmed AND item_deducted)
                """),
        InvariantCheck(
            "orders.undone-has-cause", "each FAILED or CANCELLED order says why, no other does",
            violations: """
                SELECT hex(subject) AS what FROM orders_orders
                WHERE (state IN ('FAILED', 'CANCELLED')) <> (cause IS NOT NULL AND refusal_code IS NOT NULL)
                """),
        InvariantCheck(
            "orders.undone-was-not-paid", "no FAILED or CANCELLED order has a confirmation of the pivot",
            violations: """
                SELECT hex(subject) AS what FROM orders_orders
                WHERE state IN ('FAILED', 'CANCELLED') AND (payment_confirmed OR inventory_confirmed OR item_deducted)
                """),
        InvariantCheck(
            "orders.settled-when-due-is-in",
            "an order is settled if and only if it ended, all that is due is in and no refund is open",
            violations: """
                SELECT hex(subject) AS what FROM orders_orders
                WHERE settled <> (
                    (state IN ('COMPLETED', 'REFUNDED') AND NOT refund_open AND (coupon IS NULL OR coupon_used))
                    OR (state IN ('FAILED', 'CANCELLED') AND payment_rollback AND inventory_rollback
                        AND item_restored AND (coupon IS NULL OR coupon_released)))
                """),
        InvariantCheck(
            "orders.confirmed-waits", "no CONFIRMED order has all three confirmations: it would be COMPLETED",
            violations: """
                SELECT hex(subject) AS what FROM orders_orders
                WHERE state = 'CONFIRMED' AND payment_confirmed AND inventory_confirmed AND item_deducted
                """),
        InvariantCheck(
            "orders.refunds-agree", "an order is REFUNDED, or has a refund open, exactly if one of its refunds says so",
            violations: """
                SELECT hex(o.subject) AS what FROM orders_orders o
                LEFT JOIN orders_refunds r ON r.refund_id = o.refund_id AND r.order_id = o.subject
                WHERE o.refund_id IS NOT NULL AND (r.refund_id IS NULL OR o.refund_open <> (r.state = 'OPEN')
                    OR (o.state = 'REFUNDED') <> (r.state = 'REFUNDED'))
                UNION ALL
                SELECT hex(r.order_id) FROM orders_refunds r JOIN orders_orders o ON o.subject = r.order_id
                WHERE r.state IN ('OPEN', 'REFUNDED') AND (o.refund_id IS NULL OR o.refund_id <> r.refund_id)
                """),
        InvariantCheck(
            "orders.key-has-order", "each idempotency key belongs to an order that exists",
            violations: """
                SELECT hex(k.order_id) AS what FROM orders_idempotency k
                WHERE NOT EXISTS (SELECT 1 FROM orders_orders o WHERE o.subject = k.order_id)
                """),
    ]
}
