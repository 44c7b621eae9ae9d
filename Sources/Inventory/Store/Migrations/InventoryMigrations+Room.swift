import SQLCore

extension InventoryMigrations {
    /// Room on each page for the changes that every row goes through: PostgreSQL then keeps the new version beside the old one, and no
    /// index needs an entry for it.
    static let roomPostgres = Migration(
        "inventory/0002_room_for_changes",
        """
        ALTER TABLE inventory.inventory_saga SET (fillfactor = 50);
        ALTER TABLE inventory.inventory_accounts SET (fillfactor = 50);
        ALTER TABLE inventory.inventory_goods SET (fillfactor = 70);
        """)
}
