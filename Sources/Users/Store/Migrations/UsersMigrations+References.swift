import SQLCore

extension UsersMigrations {
    /// What each order adds refers to rows that stay: checked once a statement (decision 34).
    static let referencesPostgres = Migration(
        "users/0005_references_by_set",
        SetReference.statements(
            [
                SetReference("users_ledger", "user_id", to: "users_wallets", "user_id")
            ], in: "users"))
}
