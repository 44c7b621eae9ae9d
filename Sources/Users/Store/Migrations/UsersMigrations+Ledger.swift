import SQLCore

extension UsersMigrations {
    /// The statement in the order in which it is read: one tree for a row instead of four, since each order writes two rows.
    static let ledgerByUser = Migration(
        "users/0003_ledger_by_user",
        """
        CREATE TABLE users_statement (
            user_id BLOB NOT NULL REFERENCES users_wallets (user_id),
            id BLOB NOT NULL CHECK (length(id) = 16),
            order_id BLOB,
            kind TEXT NOT NULL CHECK (kind IN ('deposit', 'hold', 'release', 'capture')),
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
}
