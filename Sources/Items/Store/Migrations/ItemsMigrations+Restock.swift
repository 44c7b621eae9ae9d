import SQLCore

extension ItemsMigrations {
    private static let restockName = "items/0003_restock"

    /// SQLite changes no CHECK of a table: the state row and what refers to it are written anew.
    static let restockSQLite = Migration(
        restockName,
        """
        CREATE TABLE items_saga_new (
            subject BLOB PRIMARY KEY CHECK (length(subject) = 16),
            state TEXT NOT NULL CHECK (state IN ('HELD', 'REJECTED', 'RESTORED', 'SOLD', 'TOMB', 'RESTOCKED')),
            settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            user_id BLOB NOT NULL CHECK (length(user_id) = 16),
            cause TEXT CHECK (cause IN ('user', 'admin', 'deadline', 'declined', 'refused')),
            facts TEXT,
            CHECK ((state = 'HELD') = (facts IS NOT NULL)),
            CHECK (state NOT IN ('HELD', 'SOLD', 'RESTOCKED') OR cause IS NULL)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO items_saga_new (subject, state, settled, created_at, updated_at, user_id, cause, facts)
            SELECT subject, state, settled, created_at, updated_at, user_id, cause, facts FROM items_saga;
        CREATE TABLE items_reservations_new (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            order_id BLOB NOT NULL REFERENCES items_saga_new (subject),
            item_id BLOB NOT NULL REFERENCES items_items (id),
            quantity INTEGER NOT NULL CHECK (quantity > 0),
            created_at INTEGER NOT NULL,
            cancel_requested_at INTEGER,
            cancel_requested_by BLOB CHECK (length(cancel_requested_by) = 16),
            cancel_reason TEXT,
            UNIQUE (order_id, item_id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO items_reservations_new (id, order_id, item_id, quantity, created_at, cancel_requested_at,
                cancel_requested_by, cancel_reason)
            SELECT id, order_id, item_id, quantity, created_at, cancel_requested_at, cancel_requested_by, cancel_reason
            FROM items_reservations;
        DROP TABLE items_reservations;
        DROP TABLE items_saga;
        ALTER TABLE items_saga_new RENAME TO items_saga;
        ALTER TABLE items_reservations_new RENAME TO items_reservations;
        CREATE INDEX items_reservations_by_item ON items_reservations (item_id, id);
        CREATE INDEX items_saga_held ON items_saga (subject) WHERE state = 'HELD';
        """)

    /// The same for PostgreSQL.
    static let restockPostgres = Migration(
        restockName,
        """
        ALTER TABLE items.items_saga DROP CONSTRAINT items_saga_state_check;
        ALTER TABLE items.items_saga ADD CONSTRAINT items_saga_state_check
            CHECK (state IN ('HELD', 'REJECTED', 'RESTORED', 'SOLD', 'TOMB', 'RESTOCKED'));
        """)
}
