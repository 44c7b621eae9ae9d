import SQLCore

extension InventoryMigrations {
    private static let returnsName = "inventory/0003_returns"

    /// SQLite changes no CHECK of a table: the state row and what refers to it are written anew.
    static let returnsSQLite = Migration(
        returnsName,
        """
        CREATE TABLE inventory_saga_new (
            subject BLOB NOT NULL PRIMARY KEY CHECK (length(subject) = 16),
            state TEXT NOT NULL
                CHECK (state IN ('HELD', 'REJECTED', 'RELEASED', 'GRANTED', 'TOMB', 'RETURNING', 'RETURNED')),
            settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            user_id BLOB NOT NULL,
            CHECK (NOT (settled = 1 AND state IN ('HELD', 'RETURNING')))
        ) STRICT, WITHOUT ROWID;
        INSERT INTO inventory_saga_new (subject, state, settled, created_at, updated_at, user_id)
            SELECT subject, state, settled, created_at, updated_at, user_id FROM inventory_saga;
        CREATE TABLE inventory_holds_new (
            order_id BLOB NOT NULL REFERENCES inventory_saga_new (subject),
            item_id BLOB NOT NULL,
            user_id BLOB NOT NULL,
            quantity INTEGER NOT NULL CHECK (quantity > 0),
            PRIMARY KEY (order_id, item_id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO inventory_holds_new (order_id, item_id, user_id, quantity)
            SELECT order_id, item_id, user_id, quantity FROM inventory_holds;
        DROP TABLE inventory_holds;
        DROP TABLE inventory_saga;
        ALTER TABLE inventory_saga_new RENAME TO inventory_saga;
        ALTER TABLE inventory_holds_new RENAME TO inventory_holds;

        -- One row a refund; an order's goods are on their way back, or went, for one refund at most.
        CREATE TABLE inventory_returns (
            refund_id BLOB NOT NULL PRIMARY KEY CHECK (length(refund_id) = 16),
            order_id BLOB NOT NULL CHECK (length(order_id) = 16),
            state TEXT NOT NULL CHECK (state IN ('RETURNING', 'RETURNED', 'CANCELLED', 'REFUSED')),
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX inventory_returns_open_by_order ON inventory_returns (order_id)
            WHERE state IN ('RETURNING', 'RETURNED');
        CREATE INDEX inventory_returns_by_order ON inventory_returns (order_id);
        """)

    /// The same for PostgreSQL.
    static let returnsPostgres = Migration(
        returnsName,
        """
        ALTER TABLE inventory.inventory_saga DROP CONSTRAINT inventory_saga_state_check;
        ALTER TABLE inventory.inventory_saga ADD CONSTRAINT inventory_saga_state_check
            CHECK (state IN ('HELD', 'REJECTED', 'RELEASED', 'GRANTED', 'TOMB', 'RETURNING', 'RETURNED'));
        ALTER TABLE inventory.inventory_saga ADD CONSTRAINT inventory_saga_returning_check
            CHECK (NOT (settled AND state = 'RETURNING'));

        CREATE TABLE inventory.inventory_returns (
            refund_id UUID PRIMARY KEY,
            order_id UUID NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('RETURNING', 'RETURNED', 'CANCELLED', 'REFUSED')),
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL
        );
        CREATE UNIQUE INDEX inventory_returns_open_by_order ON inventory.inventory_returns (order_id)
            WHERE state IN ('RETURNING', 'RETURNED');
        CREATE INDEX inventory_returns_by_order ON inventory.inventory_returns (order_id);
        """)
}
