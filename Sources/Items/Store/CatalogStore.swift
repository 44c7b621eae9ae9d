import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// What the catalogue says of items.
struct CatalogStore {
    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// Adds an item; `false` if its id or its seed key is taken.
    func insert(_ item: Item, seedKey: String? = nil) throws -> Bool {
        try transaction.changesOne(
            """
            INSERT INTO items_items
                (id, seed_key, name, description, category_id, price, is_on_sale, revision, stock, initial,
                created_at, updated_at)
            VALUES (\(item.id), \(seedKey), \(item.name), \(item.description), \(item.categoryID), \(item.price),
                \(item.isOnSale), \(item.revision), \(item.stock), \(item.stock),
                \(item.createdAt.milliseconds), \(item.createdAt.milliseconds))
            ON CONFLICT DO NOTHING
            """)
    }

    /// Writes what the catalogue says of an item, guarded by the revision it was read in.
    func update(_ item: Item, since revision: Int64, at now: Timestamp) throws {
        let changed = try transaction.changesOne(
            """
            UPDATE items_items
            SET name = \(item.name), description = \(item.description), category_id = \(item.categoryID),
                price = \(item.price), is_on_sale = \(item.isOnSale), revision = \(item.revision), updated_at = \(now.milliseconds)
            WHERE id = \(item.id) AND revision = \(revision)
            """)
        guard changed else { throw SQLError(.busy, "items_items: the item was changed after it had been read") }
    }

    /// Sets the sellable number, guarded by the one that was read; the difference is an adjustment.
    func setStock(_ stock: Int64, since old: Int64, of item: ItemID, at now: Timestamp) throws {
        let changed = try transaction.changesOne(
            """
            UPDATE items_items
            SET stock = \(stock), adjustments = adjustments + \(stock - old), updated_at = \(now.milliseconds)
            WHERE id = \(item) AND stock = \(old)
            """)
        guard changed else { throw SQLError(.busy, "items_items: the stock changed after it had been read") }
    }

    func item(_ id: ItemID) throws -> Item? {
        try transaction.first(
            """
            SELECT id, name, description, category_id, price, is_on_sale, revision, stock, reserved, sold, created_at
            FROM items_items WHERE id = \(id)
            """
        ).map(Item.init(row:))
    }

    func item(seedKey: String) throws -> Item? {
        try transaction.first(
            """
            SELECT id, name, description, category_id, price, is_on_sale, revision, stock, reserved, sold, created_at
            FROM items_items WHERE seed_key = \(seedKey)
            """
        ).map(Item.init(row:))
    }

    /// Newest first.
    func items(_ filter: ItemFilter, after last: ItemID?, limit: Int) throws -> [Item] {
        let last = last ?? ItemID.last
        let least = filter.isOnSale == true
        let most = filter.isOnSale != false
        let statement: SQLStatement =
            if let category = filter.categoryID {
                """
                SELECT id, name, description, category_id, price, is_on_sale, revision, stock, reserved, sold, created_at
                FROM items_items
                WHERE category_id = \(category) AND id < \(last) AND is_on_sale >= \(least) AND is_on_sale <= \(most)
                ORDER BY id DESC LIMIT \(limit)
                """
            } else if let isOnSale = filter.isOnSale {
                """
                SELECT id, name, description, category_id, price, is_on_sale, revision, stock, reserved, sold, created_at
                FROM items_items WHERE is_on_sale = \(isOnSale) AND id < \(last) ORDER BY id DESC LIMIT \(limit)
                """
            } else {
                """
                SELECT id, name, description, category_id, price, is_on_sale, revision, stock, reserved, sold, created_at
                FROM items_items WHERE id < \(last) ORDER BY id DESC LIMIT \(limit)
                """
            }
        return try transaction.rows(statement).map(Item.init(row:))
    }
}

/// Which items are looked for; what is `nil` does not matter.
public struct ItemFilter: Sendable, Hashable {
    public var categoryID: CategoryID?
    public var isOnSale: Bool?

    public init(categoryID: CategoryID? = nil, isOnSale: Bool? = nil) {
        self.categoryID = categoryID
        self.isOnSale = isOnSale
    }
}

extension EntityID {
    /// Behind every other.
    static var last: Self {
        Self(UUID(uuid: (255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255)))
    }
}

extension Item {
    init(row: SQLRow) throws {
        self.init(
            id: ItemID(try row.uuid("id")), name: try row.text("name"),
            description: try row.optionalText("description"),
            categoryID: try row.optionalUUID("category_id").map(CategoryID.init), price: Money(try row.int64("price")),
            isOnSale: try row.bool("is_on_sale"), revision: try row.int64("revision"), stock: try row.int64("stock"),
            reserved: try row.int64("reserved"), sold: try row.int64("sold"),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")))
    }
}
