import SQLCore

extension UsersMigrations {
    /// Room on each page for the changes that every row goes through: PostgreSQL then keeps the new version beside the old one, and no
    /// index needs an entry for it.
    static let roomPostgres = Migration(
        "users/0003_room_for_changes",
        """
        ALTER TABLE users.users_saga SET (fillfactor = 50);
        ALTER TABLE users.users_wallets SET (fillfactor = 50);
        """)
}
