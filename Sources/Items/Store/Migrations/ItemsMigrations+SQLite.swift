import SQLCore

/// The tables of this service.
public enum ItemsMigrations {
    public static let sqlite: [Migration] = [
        Migration(
            "items/0001_items",
            """
            CREATE TABLE items_items (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                -- What test data finds its items by, so that names need not be unique.
                seed_key TEXT UNIQUE,
                name TEXT NOT NULL CHECK (length(name) > 0),
                description TEXT,
                category_id BLOB CHECK (length(category_id) = 16),
                price INTEGER NOT NULL CHECK (price >= 0),
                is_on_sale INTEGER NOT NULL CHECK (is_on_sale IN (0, 1)),
                revision INTEGER NOT NULL CHECK (revision >= 1),
                stock INTEGER NOT NULL CHECK (stock >= 0),
                reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
                sold INTEGER NOT NULL DEFAULT 0 CHECK (sold >= 0),
                restocked INTEGER NOT NULL DEFAULT 0 CHECK (restocked >= 0),
                initial INTEGER NOT NULL CHECK (initial >= 0),
                adjustments INTEGER NOT NULL DEFAULT 0,
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                CHECK (stock + reserved + sold - restocked = initial + adjustments)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE items_saga (
                subject BLOB PRIMARY KEY CHECK (length(subject) = 16),
                state TEXT NOT NULL CHECK (state IN ('HELD', 'REJECTED', 'RESTORED', 'SOLD', 'TOMB')),
                settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                cause TEXT CHECK (cause IN ('user', 'admin', 'deadline', 'declined', 'refused')),
                -- The order's facts, kept while it can still be asked to be cancelled from here.
                facts TEXT,
                CHECK ((state = 'HELD') = (facts IS NOT NULL)),
                CHECK (state NOT IN ('HELD', 'SOLD') OR cause IS NULL)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE items_reservations (
                id BLOB PRIMARY KEY CHECK (length(id) = 16),
                order_id BLOB NOT NULL REFERENCES items_saga (subject),
                item_id BLOB NOT NULL REFERENCES items_items (id),
                quantity INTEGER NOT NULL CHECK (quantity > 0),
                created_at INTEGER NOT NULL,
                cancel_requested_at INTEGER,
                cancel_requested_by BLOB CHECK (length(cancel_requested_by) = 16),
                cancel_reason TEXT,
                UNIQUE (order_id, item_id)
            ) STRICT, WITHOUT ROWID;

            CREATE INDEX items_reservations_by_item ON items_reservations (item_id, id);
            """),
        categories, restockSQLite,
    ]
}
