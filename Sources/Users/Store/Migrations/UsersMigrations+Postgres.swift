import SQLCore

extension UsersMigrations {
    /// For PostgreSQL, in the schema `users`, in order.
    public static let postgres: [Migration] = [
        Migration(
            "users/0001_accounts_and_wallets",
            """
            CREATE SCHEMA IF NOT EXISTS users;

            CREATE TABLE users.users_users (
                id UUID NOT NULL PRIMARY KEY,
                name TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
                -- The name as it is compared: in lower case.
                name_key TEXT UNIQUE,
                roles TEXT NOT NULL CHECK (roles::json IS NOT NULL),
                is_active BOOLEAN NOT NULL,
                slot_capacity BIGINT NOT NULL CHECK (slot_capacity >= 0),
                -- Raised whenever what a token says of a user has become wrong; a token of an earlier epoch is refused.
                epoch BIGINT NOT NULL DEFAULT 0 CHECK (epoch >= 0),
                epoch_at BIGINT NOT NULL DEFAULT 0,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL
            );

            CREATE TABLE users.users_wallets (
                user_id UUID NOT NULL PRIMARY KEY REFERENCES users_users (id),
                deposited BIGINT NOT NULL CHECK (deposited BETWEEN 0 AND 9007199254740991),
                available BIGINT NOT NULL CHECK (available >= 0),
                held BIGINT NOT NULL CHECK (held >= 0),
                captured BIGINT NOT NULL CHECK (captured >= 0),
                refunded BIGINT NOT NULL CHECK (refunded BETWEEN 0 AND captured),
                CHECK (available + held + (captured - refunded) = deposited)
            );

            CREATE TABLE users.users_saga (
                subject UUID NOT NULL PRIMARY KEY,
                state TEXT NOT NULL CHECK (state IN ('HELD', 'REJECTED', 'RELEASED', 'CAPTURED', 'TOMB')),
                settled BOOLEAN NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL,
                user_id UUID NOT NULL,
                amount BIGINT NOT NULL CHECK (amount >= 0),
                CHECK (NOT (settled AND state = 'HELD'))
            );

            CREATE TABLE users.users_ledger (
                user_id UUID NOT NULL REFERENCES users_wallets (user_id),
                id UUID NOT NULL,
                order_id UUID,
                kind TEXT NOT NULL CHECK (kind IN ('deposit', 'hold', 'release', 'capture')),
                amount BIGINT NOT NULL CHECK (amount >= 0),
                balance_after BIGINT NOT NULL CHECK (balance_after >= 0),
                reason TEXT,
                deposit_key TEXT,
                occurred_at BIGINT NOT NULL,
                PRIMARY KEY (user_id, id),
                CHECK ((kind = 'deposit') = (order_id IS NULL)),
                CHECK (kind = 'deposit' OR deposit_key IS NULL)
            );
            CREATE UNIQUE INDEX users_ledger_by_order ON users_ledger (order_id, kind) WHERE order_id IS NOT NULL;
            CREATE UNIQUE INDEX users_ledger_by_deposit ON users_ledger (deposit_key) WHERE deposit_key IS NOT NULL;
            CREATE INDEX users_users_by_epoch ON users_users (epoch_at) WHERE epoch > 0;

            CREATE TABLE users.users_credentials (
                user_id UUID NOT NULL PRIMARY KEY REFERENCES users_users (id),
                -- The function, its parameters, the salt and the digest, as one text.
                password_hash TEXT NOT NULL CHECK (length(password_hash) BETWEEN 20 AND 500),
                changed_at BIGINT NOT NULL
            );

            CREATE TABLE users.users_failed_logins (
                -- A digest of the name or of the address: what a stranger typed is not kept.
                subject TEXT NOT NULL PRIMARY KEY CHECK (length(subject) <= 100),
                failures BIGINT NOT NULL CHECK (failures > 0),
                last_at BIGINT NOT NULL,
                blocked_until BIGINT NOT NULL
            );
            CREATE INDEX users_failed_logins_by_age ON users_failed_logins (last_at);

            CREATE TABLE users.users_revoked_tokens (
                token_id UUID NOT NULL PRIMARY KEY,
                user_id UUID NOT NULL,
                -- When the token ends by itself; the row is of no use afterwards.
                expires_at BIGINT NOT NULL
            );
            CREATE INDEX users_revoked_tokens_by_end ON users_revoked_tokens (expires_at);
            """),
        contactsOnPostgres, roomPostgres, refundsPostgres, referencesPostgres,
    ]
}
