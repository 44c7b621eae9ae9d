import SQLCore

extension ItemsMigrations {
    /// Room on each page for the changes that every row goes through: PostgreSQL then keeps the new version beside the old one, and no
    /// index needs an entry for it.
    static let roomPostgres = Migration(
        "items/0002_room_for_changes",
        """
        ALTER TABLE items.items_saga SET (fillfactor = 50);
        ALTER TABLE items.items_items SET (fillfactor = 50);
        -- An index that asks for the state would need an entry for each change of it.
        DROP INDEX items.items_saga_held;
        CREATE INDEX items_saga_unsettled ON items.items_saga (subject) WHERE NOT settled;
        """)
}
