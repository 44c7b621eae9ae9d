import SQLCore

/// The tables of Users.
public enum UsersMigrations {
    /// For SQLite.
    public static let sqlite: [Migration] = [
        Migration(
            "users/0001_accounts_and_wallets",
            """
            CREATE TABLE users_users (
                id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
                name TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
                roles TEXT NOT NULL CHECK (json_valid(roles)),
                is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
                slot_capacity INTEGER NOT NULL CHECK (slot_capacity >= 0),
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE users_wallets (
                user_id BLOB NOT NULL PRIMARY KEY REFERENCES users_users (id),
                deposited INTEGER NOT NULL CHECK (deposited BETWEEN 0 AND 9007199254740991),
                available INTEGER NOT NULL CHECK (available >= 0),
                held INTEGER NOT NULL CHECK (held >= 0),
                captured INTEGER NOT NULL CHECK (captured >= 0),
                refunded INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND captured),
                CHECK (available + held + (captured - refunded) = deposited)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE users_saga (
                subject BLOB NOT NULL PRIMARY KEY CHECK (length(subject) = 16),
                state TEXT NOT NULL CHECK (state IN ('HELD', 'REJECTED', 'RELEASED', 'CAPTURED', 'TOMB')),
                settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                user_id BLOB NOT NULL,
                amount INTEGER NOT NULL CHECK (amount >= 0),
                CHECK (NOT (settled = 1 AND state = 'HELD'))
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE users_ledger (
                id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
                user_id BLOB NOT NULL REFERENCES users_wallets (user_id),
                order_id BLOB,
                kind TEXT NOT NULL CHECK (kind IN ('deposit', 'hold', 'release', 'capture')),
                amount INTEGER NOT NULL CHECK (amount >= 0),
                balance_after INTEGER NOT NULL CHECK (balance_after >= 0),
                reason TEXT,
                deposit_key TEXT UNIQUE,
                occurred_at INTEGER NOT NULL,
                UNIQUE (order_id, kind),
                CHECK ((kind = 'deposit') = (order_id IS NULL)),
                CHECK (kind = 'deposit' OR deposit_key IS NULL)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX users_ledger_by_user ON users_ledger (user_id, id);
            """),
        access, ledgerByUser, contactsOnSQLite, refundsSQLite,
    ]
}
