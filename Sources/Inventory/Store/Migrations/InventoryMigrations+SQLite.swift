import SQLCore

/// The tables of Inventory.
public enum InventoryMigrations {
    /// For SQLite.
    public static let sqlite: [Migration] = [
        Migration(
            "inventory/0001_goods_and_slots",
            """
            CREATE TABLE inventory_accounts (
                user_id BLOB NOT NULL PRIMARY KEY CHECK (length(user_id) = 16),
                occupied INTEGER NOT NULL CHECK (occupied >= 0),
                capacity INTEGER NOT NULL CHECK (occupied <= capacity)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE inventory_goods (
                user_id BLOB NOT NULL REFERENCES inventory_accounts (user_id),
                item_id BLOB NOT NULL CHECK (length(item_id) = 16),
                name TEXT NOT NULL,
                quantity INTEGER NOT NULL CHECK (quantity >= 0),
                reserved INTEGER NOT NULL CHECK (reserved >= 0),
                PRIMARY KEY (user_id, item_id),
                CHECK (quantity + reserved BETWEEN 1 AND 9007199254740991)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE inventory_saga (
                subject BLOB NOT NULL PRIMARY KEY CHECK (length(subject) = 16),
                state TEXT NOT NULL CHECK (state IN ('HELD', 'REJECTED', 'RELEASED', 'GRANTED', 'TOMB')),
                settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                user_id BLOB NOT NULL,
                CHECK (NOT (settled = 1 AND state = 'HELD'))
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE inventory_holds (
                order_id BLOB NOT NULL REFERENCES inventory_saga (subject),
                item_id BLOB NOT NULL,
                user_id BLOB NOT NULL,
                quantity INTEGER NOT NULL CHECK (quantity > 0),
                PRIMARY KEY (order_id, item_id)
            ) STRICT, WITHOUT ROWID;
            """),
        returnsSQLite,
    ]
}
