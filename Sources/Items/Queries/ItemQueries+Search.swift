import PurchaseContracts
import SQLCore

extension ItemQueries {
    /// Items by how their name begins; of the `window` newest, so that a look costs the same however many there are.
    ///
    /// - Throws: ``SQLError``.
    public func items(named prefix: String, limit: Int, window: Int) throws -> [(id: ItemID, name: String)] {
        try transaction.rows(
            """
            SELECT id, name FROM (SELECT id, name FROM items_items ORDER BY id DESC LIMIT \(window)) AS newest
            WHERE substr(name, 1, CAST(\(prefix.unicodeScalars.count) AS INTEGER)) = \(prefix) ORDER BY id DESC LIMIT \(limit)
            """
        ).map { (ItemID(try $0.uuid("id")), try $0.text("name")) }
    }
}
