import SQLCore

extension InventoryMigrations {
    /// What each order adds refers to rows that stay: checked once a statement (decision 34).
    static let referencesPostgres = Migration(
        "inventory/0004_references_by_set",
        SetReference.statements(
            [
                SetReference("inventory_goods", "user_id", to: "inventory_accounts", "user_id"),
                SetReference("inventory_holds", "order_id", to: "inventory_saga", "subject"),
            ], in: "inventory"))
}
