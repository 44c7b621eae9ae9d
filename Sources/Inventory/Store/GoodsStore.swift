import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// What users own and have reserved, and the slots it takes. Every change is a delta.
///
/// A user's account row is locked before any of his goods, so that two orders of one user never count the same new item
/// as two slots, and never deadlock.
struct GoodsStore {
    private let step: SQLStep
    private var transaction: any SQLTransaction { step.transaction }

    init(_ step: SQLStep) { self.step = step }

    /// Locks a user's account, opening it if need be.
    ///
    /// - Returns: how many slots are occupied.
    func lockAccount(of user: UserID, capacity: Int64) throws -> Int64 {
        if let occupied = try occupied(by: user) { return occupied }
        try transaction.execute(
            """
            INSERT INTO inventory_accounts (user_id, occupied, capacity) VALUES (\(user), 0, \(capacity))
            ON CONFLICT (user_id) DO NOTHING
            """)
        guard let occupied = try occupied(by: user) else {
            throw SQLError(.busy, "inventory_accounts: the row vanished while it was opened")
        }
        return occupied
    }

    private func occupied(by user: UserID) throws -> Int64? {
        let statement: SQLStatement =
            switch transaction.dialect {
            case .sqlite: "SELECT occupied FROM inventory_accounts WHERE user_id = \(user)"
            case .postgres: "SELECT occupied FROM inventory_accounts WHERE user_id = \(user) FOR UPDATE"
            }
        return try transaction.first(statement).map { try $0.int64("occupied") }
    }

    /// Pieces that a user owns and has reserved, together; items of which he has none are missing.
    func pieces(of items: [ItemID], ownedBy user: UserID) throws -> [ItemID: Int64] {
        var pieces: [ItemID: Int64] = [:]
        let rows = try transaction.rows(
            """
            SELECT item_id, quantity + reserved AS pieces FROM inventory_goods
            WHERE user_id = \(user) AND item_id IN (\(list: items))
            """)
        for row in rows { pieces[ItemID(try row.uuid("item_id"))] = try row.int64("pieces") }
        return pieces
    }

    /// Occupies free slots. The capacity is kept as the one under which slots were last taken.
    ///
    /// - Throws: `SQLError` `.busy` if they are no longer free.
    func take(_ slots: Int64, of user: UserID, capacity: Int64) throws {
        guard slots > 0 else { return }
        let taken = try transaction.changesOne(
            """
            UPDATE inventory_accounts SET occupied = occupied + \(slots), capacity = \(capacity)
            WHERE user_id = \(user) AND occupied + \(slots) <= \(capacity)
            """)
        guard taken else { throw SQLError(.busy, "inventory_accounts: slots were taken meanwhile") }
    }

    /// Adds an order's lines to what is reserved.
    func reserve(_ lines: [OrderLine], for order: OrderID, of user: UserID) throws {
        for line in lines.sorted(by: { $0.itemID < $1.itemID }) {
            try transaction.execute(
                """
                INSERT INTO inventory_holds (order_id, item_id, user_id, quantity)
                VALUES (\(order), \(line.itemID), \(user), \(line.quantity))
                """)
            try transaction.execute(
                """
                INSERT INTO inventory_goods (user_id, item_id, name, quantity, reserved)
                VALUES (\(user), \(line.itemID), \(line.name), 0, \(line.quantity))
                ON CONFLICT (user_id, item_id) DO UPDATE
                SET reserved = inventory_goods.reserved + excluded.reserved, name = excluded.name
                """)
        }
    }

    /// Gives back what an order reserved; items of which nothing is left give their slots back.
    func release(_ order: OrderID, of user: UserID) throws {
        try lockForChange(user)
        // First the rows that would become empty: the table refuses empty ones.
        let freed = try transaction.execute(
            """
            DELETE FROM inventory_goods
            WHERE user_id = \(user) AND quantity = 0
                AND item_id IN (SELECT h.item_id FROM inventory_holds h WHERE h.order_id = \(order))
                AND reserved = (SELECT h.quantity FROM inventory_holds h
                    WHERE h.order_id = \(order) AND h.item_id = inventory_goods.item_id)
            """)
        let lowered = try transaction.execute(
            """
            UPDATE inventory_goods SET reserved = inventory_goods.reserved - h.quantity
            FROM inventory_holds h
            WHERE h.order_id = \(order) AND inventory_goods.user_id = h.user_id AND inventory_goods.item_id = h.item_id
            """)
        let dropped = try transaction.execute("DELETE FROM inventory_holds WHERE order_id = \(order)")
        guard freed + lowered == dropped else {
            throw SagaFault.alarm("inventory: an order's reserved goods are missing")
        }
        guard freed > 0 else { return }
        try transaction.execute(
            "UPDATE inventory_accounts SET occupied = occupied - \(freed) WHERE user_id = \(user)")
    }

    /// Turns what an order reserved into what the user owns; the slots stay.
    ///
    /// - Parameter lines: how many lines were paid for; it must be what is held.
    func grant(_ order: OrderID, lines: Int, to user: UserID) throws {
        try lockForChange(user)
        let granted = try transaction.execute(
            """
            UPDATE inventory_goods
            SET quantity = inventory_goods.quantity + h.quantity, reserved = inventory_goods.reserved - h.quantity
            FROM inventory_holds h
            WHERE h.order_id = \(order) AND inventory_goods.user_id = h.user_id AND inventory_goods.item_id = h.item_id
            """)
        guard granted == lines else {
            throw SagaFault.alarm("inventory: what is held for a paid order is not what it ordered")
        }
    }

    /// SQLite has one writer and needs no lock.
    private func lockForChange(_ user: UserID) throws {
        if transaction.dialect == .postgres { _ = try occupied(by: user) }
    }
}
