import SQLCore

extension UsersMigrations {
    /// How users are reached; apart from the account, so that it can be forgotten by itself.
    static let contactsOnSQLite = Migration(
        "users/0004_contacts",
        """
        CREATE TABLE users_contacts (
            user_id BLOB NOT NULL PRIMARY KEY REFERENCES users_users (id),
            email TEXT NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
            changed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """)

    /// The same for PostgreSQL.
    static let contactsOnPostgres = Migration(
        "users/0002_contacts",
        """
        CREATE TABLE users.users_contacts (
            user_id UUID NOT NULL PRIMARY KEY REFERENCES users.users_users (id),
            email TEXT NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
            changed_at BIGINT NOT NULL
        );
        """)
}
