import PurchaseContracts
import SQLCore

/// What others may ask of Inventory.
public struct InventoryQueries {
    private let transaction: any SQLTransaction

    /// Asks in an open transaction.
    public init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// What a user owns or has reserved, oldest item first; empty for a user who never ordered.
    ///
    /// - Throws: `SQLError`.
    public func goods(of user: UserID) throws -> [Goods] {
        try transaction.rows(
            """
            SELECT item_id, name, quantity, reserved FROM inventory_goods WHERE user_id = \(user) ORDER BY item_id
            """
        ).map { row in
            Goods(
                itemID: ItemID(try row.uuid("item_id")), name: try row.text("name"),
                quantity: try row.int64("quantity"), reserved: try row.int64("reserved"))
        }
    }

    /// How a user's slots are used.
    ///
    /// - Throws: `SQLError`.
    public func slots(of user: UserID) throws -> SlotUsage {
        let goods = try goods(of: user)
        let account = try transaction.first("SELECT capacity FROM inventory_accounts WHERE user_id = \(user)")
        let used = goods.count { $0.quantity > 0 }
        return SlotUsage(
            used: Int64(used), reserved: Int64(goods.count - used), capacity: try account?.int64("capacity"))
    }

    /// What the inventory did for these orders; an order that Inventory never saw is missing.
    ///
    /// - Throws: `SQLError`.
    public func settlement(of orders: [OrderID]) throws -> [OrderID: InventorySettlement] {
        var settlements: [OrderID: InventorySettlement] = [:]
        // Databases bound the number of parameters of a statement.
        for start in stride(from: 0, to: orders.count, by: 500) {
            let chunk = orders[start..<min(start + 500, orders.count)]
            var quantities: [OrderID: [ItemID: Int64]] = [:]
            for row in try transaction.rows(
                "SELECT order_id, item_id, quantity FROM inventory_holds WHERE order_id IN (\(list: chunk))")
            {
                let (order, item) = (OrderID(try row.uuid("order_id")), ItemID(try row.uuid("item_id")))
                quantities[order, default: [:]][item] = try row.int64("quantity")
            }
            for row in try transaction.rows(
                "SELECT subject, state, user_id, settled FROM inventory_saga WHERE subject IN (\(list: chunk))")
            {
                let order = OrderID(try row.uuid("subject"))
                settlements[order] = InventorySettlement(
                    state: try row.value("state", as: GoodsHoldState.self), userID: UserID(try row.uuid("user_id")),
                    quantities: quantities[order] ?? [:], isSettled: try row.bool("settled"))
            }
        }
        return settlements
    }
}
