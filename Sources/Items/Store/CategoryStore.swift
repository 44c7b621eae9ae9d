import PurchaseContracts
import SQLCore
import SagaChoreography

/// The categories of items.
struct CategoryStore {
    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// - Returns: `false` if the name is taken.
    func insert(_ category: Category) throws -> Bool {
        try transaction.changesOne(
            """
            INSERT INTO items_categories (id, name, name_key, created_at)
            VALUES (\(category.id), \(category.name), \(category.name.lowercased()), \(category.createdAt.milliseconds))
            ON CONFLICT DO NOTHING
            """)
    }

    /// - Returns: `false` if the name is taken by another.
    func rename(_ id: CategoryID, to name: String) throws -> Bool {
        let key = name.lowercased()
        let taken = try transaction.first(
            "SELECT id FROM items_categories WHERE name_key = \(key) AND id <> \(id)")
        guard taken == nil else { return false }
        return try transaction.changesOne(
            "UPDATE items_categories SET name = \(name), name_key = \(key) WHERE id = \(id)")
    }

    func category(_ id: CategoryID) throws -> Category? {
        try transaction.first("SELECT id, name, created_at FROM items_categories WHERE id = \(id)")
            .map(Self.category)
    }

    /// By name.
    func categories(limit: Int) throws -> [Category] {
        try transaction.rows("SELECT id, name, created_at FROM items_categories ORDER BY name_key LIMIT \(limit)")
            .map(Self.category)
    }

    func count() throws -> Int64 {
        try transaction.first("SELECT COUNT(*) AS n FROM items_categories")?.int64("n") ?? 0
    }

    private static func category(_ row: SQLRow) throws -> Category {
        Category(
            id: CategoryID(try row.uuid("id")), name: try row.text("name"),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")))
    }
}
