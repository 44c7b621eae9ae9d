import PurchaseContracts
import SQLCore
import SagaChoreography

/// The counters of items. Every change is a guarded delta; items are taken in ascending key order.
struct StockStore {
    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// Locks and reads what can be taken of these items; unknown ones are missing from the result.
    func levels(of items: Set<ItemID>) throws -> [ItemID: StockLevel] {
        var levels: [ItemID: StockLevel] = [:]
        levels.reserveCapacity(items.count)
        for item in items.sorted() {
            let statement: SQLStatement =
                switch transaction.dialect {
                case .sqlite: "SELECT stock, is_on_sale FROM items_items WHERE id = \(item)"
                case .postgres: "SELECT stock, is_on_sale FROM items_items WHERE id = \(item) FOR UPDATE"
                }
            if let row = try transaction.first(statement) {
                levels[item] = StockLevel(stock: try row.int64("stock"), isOnSale: try row.bool("is_on_sale"))
            }
        }
        return levels
    }

    /// Stock → reserved.
    func reserve(_ pieces: [ItemID: Int64], at now: Timestamp) throws {
        for (item, count) in pieces.sorted(by: { $0.key < $1.key }) {
            let taken = try transaction.changesOne(
                """
                UPDATE items_items
                SET stock = stock - \(count), reserved = reserved + \(count), updated_at = \(now.milliseconds)
                WHERE id = \(item) AND stock >= \(count) AND is_on_sale = \(true)
                """)
            guard taken else { throw SQLError(.busy, "items_items: the stock changed after it had been read") }
        }
    }

    /// Reserved → sold.
    func sell(_ pieces: [ItemID: Int64], at now: Timestamp) throws {
        for (item, count) in pieces.sorted(by: { $0.key < $1.key }) {
            let sold = try transaction.changesOne(
                """
                UPDATE items_items
                SET reserved = reserved - \(count), sold = sold + \(count), updated_at = \(now.milliseconds)
                WHERE id = \(item) AND reserved >= \(count)
                """)
            guard sold else { throw SagaFault.alarm("item \(item) has fewer pieces reserved than are to be sold") }
        }
    }

    /// Reserved → stock.
    func restore(_ pieces: [ItemID: Int64], at now: Timestamp) throws {
        for (item, count) in pieces.sorted(by: { $0.key < $1.key }) {
            let restored = try transaction.changesOne(
                """
                UPDATE items_items
                SET reserved = reserved - \(count), stock = stock + \(count), updated_at = \(now.milliseconds)
                WHERE id = \(item) AND reserved >= \(count)
                """)
            guard restored else {
                throw SagaFault.alarm("item \(item) has fewer pieces reserved than are to be restored")
            }
        }
    }
}
