import SQLCore

extension UsersMigrations {
    /// Who may come in: passwords, failed logins, tokens that are no longer believed.
    static let access = Migration(
        "users/0002_access",
        """
        -- Raised whenever what a token says of a user has become wrong; a token of an earlier epoch is refused.
        ALTER TABLE users_users ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0 CHECK (epoch >= 0);
        ALTER TABLE users_users ADD COLUMN epoch_at INTEGER NOT NULL DEFAULT 0;
        -- The name as it is compared: in lower case.
        ALTER TABLE users_users ADD COLUMN name_key TEXT;
        UPDATE users_users SET name_key = lower(name);
        CREATE UNIQUE INDEX users_users_by_name_key ON users_users (name_key);
        CREATE INDEX users_users_by_epoch ON users_users (epoch_at) WHERE epoch > 0;

        CREATE TABLE users_credentials (
            user_id BLOB NOT NULL PRIMARY KEY REFERENCES users_users (id),
            -- The function, its parameters, the salt and the digest, as one text.
            password_hash TEXT NOT NULL CHECK (length(password_hash) BETWEEN 20 AND 500),
            changed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE users_failed_logins (
            -- A digest of the name or of the address: what a stranger typed is not kept.
            subject TEXT NOT NULL PRIMARY KEY CHECK (length(subject) <= 100),
            failures INTEGER NOT NULL CHECK (failures > 0),
            last_at INTEGER NOT NULL,
            blocked_until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX users_failed_logins_by_age ON users_failed_logins (last_at);

        CREATE TABLE users_revoked_tokens (
            token_id BLOB NOT NULL PRIMARY KEY CHECK (length(token_id) = 16),
            user_id BLOB NOT NULL CHECK (length(user_id) = 16),
            -- When the token ends by itself; the row is of no use afterwards.
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX users_revoked_tokens_by_end ON users_revoked_tokens (expires_at);
        """)
}
