import SagaSQL

/// What must be true of this service's tables at all times.
public enum ItemsChecks {
    public static let all: [InvariantCheck] = [
        InvariantCheck(
            "items.stock-adds-up", "each item: stock + reserved + sold - restocked = initial + adjustments",
            violations: """
                SELECT hex(id) AS what FROM items_items
                WHERE stock + reserved + sold - restocked <> initial + adjustments
                """),
        InvariantCheck(
            "items.none-negative", "no counter of an item is negative",
            violations: """
                SELECT hex(id) AS what FROM items_items
                WHERE stock < 0 OR reserved < 0 OR sold < 0 OR restocked < 0 OR initial < 0
                """),
        InvariantCheck(
            "items.reserved-is-held", "each item: reserved = the pieces of its HELD reservations",
            violations: """
                SELECT hex(i.id) AS what FROM items_items i
                WHERE i.reserved <> (
                    SELECT COALESCE(SUM(r.quantity), 0) FROM items_reservations r
                    JOIN items_saga s ON s.subject = r.order_id WHERE r.item_id = i.id AND s.state = 'HELD')
                """),
        InvariantCheck(
            "items.sold-is-sold", "each item: sold = the pieces of its SOLD and RESTOCKED reservations",
            violations: """
                SELECT hex(i.id) AS what FROM items_items i
                WHERE i.sold <> (
                    SELECT COALESCE(SUM(r.quantity), 0) FROM items_reservations r
                    JOIN items_saga s ON s.subject = r.order_id
                    WHERE r.item_id = i.id AND s.state IN ('SOLD', 'RESTOCKED'))
                """),
        InvariantCheck(
            "items.restocked-is-restocked", "each item: restocked = the pieces of its RESTOCKED reservations",
            violations: """
                SELECT hex(i.id) AS what FROM items_items i
                WHERE i.restocked <> (
                    SELECT COALESCE(SUM(r.quantity), 0) FROM items_reservations r
                    JOIN items_saga s ON s.subject = r.order_id WHERE r.item_id = i.id AND s.state = 'RESTOCKED')
                """),
        InvariantCheck(
            "items.hold-has-lines", "an order has reservations here if and only if it held its lines",
            violations: """
                SELECT hex(s.subject) AS what FROM items_saga s
                WHERE (s.state IN ('HELD', 'RESTORED', 'SOLD', 'RESTOCKED'))
                    <> EXISTS (SELECT 1 FROM items_reservations r WHERE r.order_id = s.subject)
                """),
    ]
}
