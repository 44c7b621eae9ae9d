import SQLCore

extension UsersMigrations {
    /// SQLite changes no CHECK of a table: both are written anew.
    static let refundsSQLite = Migration(
        "users/0005_refunds",
        """
        CREATE TABLE users_saga_new (
            subject BLOB NOT NULL PRIMARY KEY CHECK (length(subject) = 16),
            state TEXT NOT NULL CHECK (state IN ('HELD', 'REJECTED', 'RELEASED', 'CAPTURED', 'TOMB', 'REFUNDED')),
            settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            user_id BLOB NOT NULL,
            amount INTEGER NOT NULL CHECK (amount >= 0),
            CHECK (NOT (settled = 1 AND state = 'HELD'))
        ) STRICT, WITHOUT ROWID;
        INSERT INTO users_saga_new (subject, state, settled, created_at, updated_at, user_id, amount)
            SELECT subject, state, settled, created_at, updated_at, user_id, amount FROM users_saga;
        DROP TABLE users_saga;
        ALTER TABLE users_saga_new RENAME TO users_saga;

        CREATE TABLE users_statement (
            user_id BLOB NOT NULL REFERENCES users_wallets (user_id),
            id BLOB NOT NULL CHECK (length(id) = 16),
            order_id BLOB,
            kind TEXT NOT NULL CHECK (kind IN ('deposit', 'hold', 'release', 'capture', 'refund')),
            amount INTEGER NOT NULL CHECK (amount >= 0),
            balance_after INTEGER NOT NULL CHECK (balance_after >= 0),
            reason TEXT,
            deposit_key TEXT,
            occurred_at INTEGER NOT NULL,
            PRIMARY KEY (user_id, id),
            CHECK ((kind = 'deposit') = (order_id IS NULL)),
            CHECK (kind = 'deposit' OR deposit_key IS NULL)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO users_statement
            (user_id, id, order_id, kind, amount, balance_after, reason, deposit_key, occurred_at)
        SELECT user_id, id, order_id, kind, amount, balance_after, reason, deposit_key, occurred_at FROM users_ledger;
        DROP TABLE users_ledger;
        ALTER TABLE users_statement RENAME TO users_ledger;
        CREATE UNIQUE INDEX users_ledger_by_order ON users_ledger (order_id, kind) WHERE order_id IS NOT NULL;
        CREATE UNIQUE INDEX users_ledger_by_deposit ON users_ledger (deposit_key) WHERE deposit_key IS NOT NULL;
        """)

    /// The same for PostgreSQL.
    static let refundsPostgres = Migration(
        "users/0004_refunds",
        """
        ALTER TABLE users.users_saga DROP CONSTRAINT users_saga_state_check;
        ALTER TABLE users.users_saga ADD CONSTRAINT users_saga_state_check
            CHECK (state IN ('HELD', 'REJECTED', 'RELEASED', 'CAPTURED', 'TOMB', 'REFUNDED'));
        ALTER TABLE users.users_ledger DROP CONSTRAINT users_ledger_kind_check;
        ALTER TABLE users.users_ledger ADD CONSTRAINT users_ledger_kind_check
            CHECK (kind IN ('deposit', 'hold', 'release', 'capture', 'refund'));
        """)
}
