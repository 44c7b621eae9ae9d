import SQLCore

extension OrdersMigrations {
    /// Room on each page for the changes that every row goes through: PostgreSQL then keeps the new version beside the old one, and no
    /// index needs an entry for it.
    static let roomPostgres = Migration(
        "orders/0002_room_for_changes",
        """
        ALTER TABLE orders.orders_orders SET (fillfactor = 50);
        ALTER TABLE orders.orders_catalog SET (fillfactor = 70);
        -- An index that asks for the state would need an entry for each change of it.
        DROP INDEX orders.orders_orders_by_deadline;
        CREATE INDEX orders_orders_by_deadline ON orders.orders_orders (deadline) WHERE NOT settled;
        """)

    /// The oldest of the orders that are not over come first, as on PostgreSQL; one entry a row still, written and deleted once.
    static let openByDeadline = Migration(
        "orders/0002_open_by_deadline",
        """
        DROP INDEX orders_orders_by_deadline;
        CREATE INDEX orders_orders_by_deadline ON orders_orders (deadline) WHERE NOT settled;
        """)
}
