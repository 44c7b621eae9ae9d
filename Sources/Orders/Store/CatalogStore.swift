import PurchaseContracts
import SQLCore

/// What Orders knows of the items: names, prices and categories, from the events of the service that owns them.
struct CatalogStore {
    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// Keeps an entry unless a newer one is there.
    ///
    /// - Returns: whether it was newer.
    func keep(_ entry: CatalogEntry) throws -> Bool {
        try transaction.changesOne(
            """
            INSERT INTO orders_catalog (item_id, name, category_id, price, is_on_sale, revision)
            VALUES (\(entry.itemID), \(entry.name), \(entry.categoryID), \(entry.price), \(entry.isOnSale),
                \(entry.revision))
            ON CONFLICT (item_id) DO UPDATE SET name = excluded.name, category_id = excluded.category_id,
                price = excluded.price, is_on_sale = excluded.is_on_sale, revision = excluded.revision
            WHERE excluded.revision > orders_catalog.revision
            """)
    }

    /// The entries of those items that are known.
    func entries(of items: [ItemID]) throws -> [ItemID: CatalogEntry] {
        var entries: [ItemID: CatalogEntry] = [:]
        let rows = try BoundedList.parts(of: items).flatMap { part in
            try transaction.rows(
                """
                SELECT item_id, name, category_id, price, is_on_sale, revision FROM orders_catalog
                WHERE item_id IN (\(list: part))
                """)
        }
        for row in rows {
            let id = ItemID(try row.uuid("item_id"))
            entries[id] = CatalogEntry(
                itemID: id, name: try row.text("name"),
                categoryID: try row.optionalUUID("category_id").map { CategoryID($0) },
                price: Money(try row.int64("price")), isOnSale: try row.bool("is_on_sale"),
                revision: try row.int64("revision"))
        }
        return entries
    }
}
