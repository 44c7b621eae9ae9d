import SQLCore
import SagaSQL

/// What must always be true of the inventories.
public enum InventoryChecks {
    /// Every check; each selects what breaks it.
    public static let all: [InvariantCheck] = [
        InvariantCheck(
            "inventory.slots-add-up", "The slots of a user that count as occupied are his distinct items.",
            violations: """
                SELECT 'user ' || lower(hex(a.user_id)) AS what FROM inventory_accounts a
                LEFT JOIN (SELECT user_id, COUNT(*) AS items FROM inventory_goods GROUP BY user_id) g
                    ON g.user_id = a.user_id
                WHERE a.occupied <> COALESCE(g.items, 0)
                UNION ALL
                SELECT DISTINCT 'user ' || lower(hex(g.user_id)) FROM inventory_goods g
                WHERE NOT EXISTS (SELECT 1 FROM inventory_accounts a WHERE a.user_id = g.user_id)
                """),
        InvariantCheck(
            "inventory.slots-within-capacity", "No user occupies more slots than he had when the last one was taken.",
            violations: """
                SELECT 'user ' || lower(hex(user_id)) AS what FROM inventory_accounts
                WHERE occupied > capacity OR occupied < 0
                """),
        InvariantCheck(
            "inventory.goods-add-up",
            "Reserved pieces are those of orders in state HELD or RETURNING, owned ones those of orders in state GRANTED.",
            violations: """
                SELECT 'user ' || lower(hex(g.user_id)) || ' item ' || lower(hex(g.item_id)) AS what
                FROM inventory_goods g
                LEFT JOIN (
                    SELECT h.user_id, h.item_id,
                        SUM(CASE WHEN s.state IN ('HELD', 'RETURNING') THEN h.quantity ELSE 0 END) AS held,
                        SUM(CASE s.state WHEN 'GRANTED' THEN h.quantity ELSE 0 END) AS granted
                    FROM inventory_holds h JOIN inventory_saga s ON s.subject = h.order_id
                    GROUP BY h.user_id, h.item_id) h ON h.user_id = g.user_id AND h.item_id = g.item_id
                WHERE g.reserved <> COALESCE(h.held, 0) OR g.quantity <> COALESCE(h.granted, 0)
                    OR g.reserved < 0 OR g.quantity < 0
                UNION ALL
                SELECT 'order ' || lower(hex(h.order_id)) FROM inventory_holds h
                WHERE NOT EXISTS (SELECT 1 FROM inventory_goods g
                    WHERE g.user_id = h.user_id AND g.item_id = h.item_id)
                """),
        InvariantCheck(
            "inventory.holds-have-orders", "An order has held or granted goods exactly when its state says so.",
            violations: """
                SELECT 'order ' || lower(hex(s.subject)) AS what FROM inventory_saga s
                WHERE (s.state IN ('HELD', 'GRANTED', 'RETURNING'))
                    <> EXISTS (SELECT 1 FROM inventory_holds h WHERE h.order_id = s.subject)
                """),
        InvariantCheck(
            "inventory.settled-holds-nothing", "No slot is held for a settled order, and no goods are set aside.",
            violations: """
                SELECT 'order ' || lower(hex(subject)) AS what FROM inventory_saga
                WHERE settled AND state IN ('HELD', 'RETURNING')
                """),
        InvariantCheck(
            "inventory.returns-agree",
            "Goods are on their way back, or went, exactly for the one refund whose row says so.",
            violations: """
                SELECT 'order ' || lower(hex(s.subject)) AS what FROM inventory_saga s
                WHERE s.state IN ('RETURNING', 'RETURNED') AND NOT EXISTS (
                    SELECT 1 FROM inventory_returns r WHERE r.order_id = s.subject AND r.state = s.state)
                UNION ALL
                SELECT 'refund ' || lower(hex(r.refund_id)) FROM inventory_returns r
                WHERE r.state IN ('RETURNING', 'RETURNED') AND NOT EXISTS (
                    SELECT 1 FROM inventory_saga s WHERE s.subject = r.order_id AND s.state = r.state)
                """),
    ]
}
