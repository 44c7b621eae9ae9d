import SQLCore

extension ItemsMigrations {
    /// Categories as things of their own, and the indexes that lists need.
    static let categories = Migration(
        "items/0002_categories",
        """
        CREATE TABLE items_categories (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            name TEXT NOT NULL CHECK (length(name) > 0),
            -- The name as it is compared: in lower case.
            name_key TEXT NOT NULL UNIQUE,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- Until now any id could be written into an item: each gets a category that can be renamed.
        INSERT INTO items_categories (id, name, name_key, created_at)
            SELECT category_id, lower(hex(category_id)), lower(hex(category_id)), MIN(created_at)
            FROM items_items WHERE category_id IS NOT NULL GROUP BY category_id;

        CREATE INDEX items_items_by_category ON items_items (category_id, id);
        CREATE INDEX items_items_by_sale ON items_items (is_on_sale, id);
        CREATE INDEX items_saga_held ON items_saga (subject) WHERE state = 'HELD';
        """)
}
