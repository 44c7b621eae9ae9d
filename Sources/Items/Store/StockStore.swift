import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The counters of items. Every change is a guarded delta; items are taken in ascending key order.
struct StockStore {
    private let step: SQLStep
    private var transaction: any SQLTransaction { step.transaction }

    init(_ step: SQLStep) { self.step = step }

    /// Locks and reads what can be taken of these items; unknown ones are missing from the result.
    func levels(of items: Set<ItemID>) throws -> [ItemID: StockLevel] { try locking(items).answer() }

    /// As ``levels(of:)``, asked beside other things.
    func locking(_ items: Set<ItemID>) throws -> Pending<[ItemID: StockLevel]> {
        let asked = try transaction.asking(
            BoundedList.parts(of: items.sorted()).map { part in
                switch transaction.dialect {
                case .sqlite: "SELECT id, stock, is_on_sale FROM items_items WHERE id IN (\(list: part))"
                case .postgres:
                    "SELECT id, stock, is_on_sale FROM items_items WHERE id IN (\(list: part)) ORDER BY id FOR UPDATE"
                }
            })
        return Pending(asked) { rows in
            var levels: [ItemID: StockLevel] = [:]
            levels.reserveCapacity(rows.count)
            for row in rows {
                levels[ItemID(try row.uuid("id"))] = StockLevel(
                    stock: try row.int64("stock"), isOnSale: try row.bool("is_on_sale"))
            }
            return levels
        }
    }

    /// Stock → reserved.
    func reserve(_ pieces: [ItemID: Int64]) throws {
        try change(
            pieces, by: Self.reserving, else: SQLError(.busy, "items_items: the stock changed after it had been read"))
    }

    /// Reserved → sold.
    func sell(_ pieces: [ItemID: Int64]) throws {
        try change(
            pieces, by: Self.selling,
            else: SagaFault.alarm("an item has fewer pieces reserved than are to be sold"))
    }

    /// Reserved → sold, whatever orders have reserved, which need not be read for that.
    ///
    /// - Throws: ``WrongSupposition`` if they have not reserved each of the items that they ordered.
    func sellReserved(by orders: [OrderFacts]) throws {
        let byID = Dictionary(orders.map { ($0.id, $0) }) { first, _ in first }
        for part in BoundedList.parts(of: byID.keys.sorted()) {
            let items = Set(part.flatMap { byID[$0]?.lines.map(\.itemID) ?? [] })
            try transaction.later(
                """
                UPDATE items_items SET reserved = reserved - taken.pieces, sold = sold + taken.pieces,
                    updated_at = \(step.now.milliseconds)
                FROM (SELECT item_id, CAST(SUM(quantity) AS BIGINT) AS pieces FROM items_reservations
                    WHERE order_id IN (\(list: part)) GROUP BY item_id ORDER BY item_id) AS taken
                WHERE id = taken.item_id AND reserved >= taken.pieces
                """, changing: ExpectedChanges(items.count, else: WrongSupposition()))
        }
    }

    /// Reserved → stock.
    func restore(_ pieces: [ItemID: Int64]) throws {
        try change(
            pieces, by: Self.restoring,
            else: SagaFault.alarm("an item has fewer pieces reserved than are to be restored"))
    }

    /// Sold → stock, counted on both sides: what was ever sold stays known.
    func restock(_ pieces: [ItemID: Int64]) throws {
        try change(
            pieces, by: Self.restocking,
            else: SagaFault.alarm("an item has fewer pieces sold than are to be restocked"))
    }

    /// - Parameter failure: what is thrown unless every item is changed.
    private func change(
        _ pieces: [ItemID: Int64], by statement: ManyRows, else failure: any Error
    ) throws {
        let (sorted, failure) = (pieces.sorted { $0.key < $1.key }, step.refusal(failure))
        try statement.later(sorted, in: transaction, else: failure) { item, count in
            [item.sqlValue, .integer(count), .integer(step.now.milliseconds)]
        }
    }

    private static let reserving = ManyRows(
        changing: """
            items_items SET stock = stock - new.column2, reserved = reserved + new.column2, updated_at = new.column3
            """, columns: [.uuid, .integer, .integer], where: "id = new.column1 AND stock >= new.column2 AND is_on_sale"
    )
    private static let selling = ManyRows(
        changing: """
            items_items SET reserved = reserved - new.column2, sold = sold + new.column2, updated_at = new.column3
            """, columns: [.uuid, .integer, .integer], where: "id = new.column1 AND reserved >= new.column2")
    private static let restocking = ManyRows(
        changing: """
            items_items SET stock = stock + new.column2, restocked = restocked + new.column2, updated_at = new.column3
            """, columns: [.uuid, .integer, .integer],
        where: "id = new.column1 AND sold - restocked >= new.column2")
    private static let restoring = ManyRows(
        changing: """
            items_items SET reserved = reserved - new.column2, stock = stock + new.column2, updated_at = new.column3
            """, columns: [.uuid, .integer, .integer], where: "id = new.column1 AND reserved >= new.column2")
}
