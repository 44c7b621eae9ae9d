import SQLCore

extension ItemsMigrations {
    /// What each order adds refers to rows that stay: checked once a statement (decision 34).
    static let referencesPostgres = Migration(
        "items/0004_references_by_set",
        SetReference.statements(
            [
                SetReference("items_reservations", "order_id", to: "items_saga", "subject"),
                SetReference("items_reservations", "item_id", to: "items_items", "id"),
            ], in: "items"))
}
