import SQLCore

extension OrdersMigrations {
    /// What each order adds refers to rows that stay: checked once a statement (decision 34).
    static let referencesPostgres = Migration(
        "orders/0004_references_by_set",
        SetReference.statements(
            [
                SetReference("orders_lines", "order_id", to: "orders_orders", "subject")
            ], in: "orders"))
}
