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

    /// Locks users' accounts, ascending, opening those that are missing.
    ///
    /// - Parameter capacities: under which capacity to open an account.
    /// - Returns: how many slots are occupied.
    func lockAccounts(_ capacities: [UserID: Int64]) throws -> [UserID: Int64] {
        let users = capacities.keys.sorted()
        var found = try occupied(by: users)
        let missing = users.filter { found[$0] == nil }
        guard !missing.isEmpty else { return found }
        try Self.opening.run(missing, in: transaction) { user in
            [user.sqlValue, .integer(0), .integer(capacities[user] ?? 0)]
        }
        found.merge(try occupied(by: missing)) { $1 }
        guard found.count == users.count else {
            throw SQLError(.busy, "inventory_accounts: a row vanished while it was opened")
        }
        return found
    }

    private static let opening = ManyRows(
        into: "inventory_accounts (user_id, occupied, capacity)", columns: [.uuid, .integer, .integer],
        suffix: "ON CONFLICT (user_id) DO NOTHING")

    private func occupied(by users: [UserID]) throws -> [UserID: Int64] {
        var occupied: [UserID: Int64] = [:]
        for part in BoundedList.parts(of: users) {
            let statement: SQLStatement =
                switch transaction.dialect {
                case .sqlite: "SELECT user_id, occupied FROM inventory_accounts WHERE user_id IN (\(list: part))"
                case .postgres:
                    """
                    SELECT user_id, occupied FROM inventory_accounts WHERE user_id IN (\(list: part))
                    ORDER BY user_id FOR UPDATE
                    """
                }
            for row in try transaction.rows(statement) {
                occupied[UserID(try row.uuid("user_id"))] = try row.int64("occupied")
            }
        }
        return occupied
    }

    /// Pieces that users own and have reserved, together; items of which one has none are missing.
    func pieces(of keys: [GoodsKey]) throws -> [GoodsKey: Int64] {
        let rows = try Self.reading.rows(keys, in: transaction) { [$0.user.sqlValue, $0.item.sqlValue] }
        var pieces: [GoodsKey: Int64] = [:]
        for row in rows {
            let key = GoodsKey(user: UserID(try row.uuid("user_id")), item: ItemID(try row.uuid("item_id")))
            pieces[key] = try row.int64("pieces")
        }
        return pieces
    }

    private static let reading = ManyRows(
        reading: "g.user_id, g.item_id, g.quantity + g.reserved AS pieces", columns: [.uuid, .uuid],
        from: "inventory_goods g ON g.user_id = new.column1 AND g.item_id = new.column2")

    /// Occupies free slots. The capacity is kept as the one under which slots were last taken.
    ///
    /// - Throws: `SQLError` `.busy` if they are no longer free.
    func take(_ reservations: Reservations) throws {
        let changed = reservations.accounts.filter { $0.value.taken > 0 }.sorted { $0.key < $1.key }
        let raced = SQLError(.busy, "inventory_accounts: slots were taken meanwhile")
        try Self.taking.later(changed, in: transaction, else: raced) { user, account in
            [user.sqlValue, .integer(account.taken), .integer(account.capacity)]
        }
    }

    private static let taking = ManyRows(
        changing: "inventory_accounts SET occupied = occupied + new.column2, capacity = new.column3",
        columns: [.uuid, .integer, .integer],
        where: "user_id = new.column1 AND occupied + new.column2 <= new.column3")

    /// Adds orders' lines to what is reserved.
    func reserve(_ lines: [(order: OrderFacts, line: OrderLine)]) throws {
        let holds = lines.sorted { ($0.order.id, $0.line.itemID) < ($1.order.id, $1.line.itemID) }
        try Self.holding.later(holds, in: transaction) { order, line in
            [order.id.sqlValue, line.itemID.sqlValue, order.userID.sqlValue, .integer(line.quantity)]
        }
        // One change an item of a user, with the name of his last order of it.
        var sums: [GoodsKey: (name: String, pieces: Int64)] = [:]
        for (order, line) in lines {
            let key = GoodsKey(user: order.userID, item: line.itemID)
            sums[key] = (line.name, (sums[key]?.pieces ?? 0) + line.quantity)
        }
        try Self.reserving.later(sums.sorted { $0.key < $1.key }, in: transaction) { key, sum in
            [key.user.sqlValue, key.item.sqlValue, .text(sum.name), .integer(0), .integer(sum.pieces)]
        }
    }

    private static let holding = ManyRows(
        into: "inventory_holds (order_id, item_id, user_id, quantity)", columns: [.uuid, .uuid, .uuid, .integer])
    private static let reserving = ManyRows(
        into: "inventory_goods (user_id, item_id, name, quantity, reserved)",
        columns: [.uuid, .uuid, .text, .integer, .integer],
        suffix: """
            ON CONFLICT (user_id, item_id) DO UPDATE
            SET reserved = inventory_goods.reserved + excluded.reserved, name = excluded.name
            """)

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

    /// Turns what an order's user owns of it into what is reserved, all lines or none; the slots stay.
    ///
    /// - Returns: whether he still has all of it.
    func setAside(_ order: OrderID, of user: UserID) throws -> Bool {
        try lockForChange(user)
        let missing = try transaction.first(
            """
            SELECT 1 AS found FROM inventory_holds h
            LEFT JOIN inventory_goods g ON g.user_id = h.user_id AND g.item_id = h.item_id
            WHERE h.order_id = \(order) AND COALESCE(g.quantity, 0) < h.quantity LIMIT 1
            """)
        guard missing == nil else { return false }
        let changed = try transaction.execute(
            """
            UPDATE inventory_goods
            SET quantity = inventory_goods.quantity - h.quantity, reserved = inventory_goods.reserved + h.quantity
            FROM inventory_holds h
            WHERE h.order_id = \(order) AND inventory_goods.user_id = h.user_id AND inventory_goods.item_id = h.item_id
                AND inventory_goods.quantity >= h.quantity
            """)
        return changed > 0
    }

    /// Turns what orders reserved into what their users own; the slots stay.
    ///
    /// - Throws: ``SagaFault`` `.alarm` if what is held is not what was paid for.
    func grant(_ orders: [OrderFacts]) throws {
        var pieces: [GoodsKey: Int64] = [:]
        var held: [OrderID: Int] = [:]
        for part in BoundedList.parts(of: orders.map(\.id).sorted()) {
            let rows = try transaction.rows(
                "SELECT order_id, user_id, item_id, quantity FROM inventory_holds WHERE order_id IN (\(list: part))")
            for row in rows {
                held[OrderID(try row.uuid("order_id")), default: 0] += 1
                let key = GoodsKey(user: UserID(try row.uuid("user_id")), item: ItemID(try row.uuid("item_id")))
                pieces[key, default: 0] += try row.int64("quantity")
            }
        }
        if transaction.dialect == .postgres { _ = try occupied(by: Set(pieces.keys.map(\.user)).sorted()) }
        let alarm = SagaFault.alarm("inventory: what is held for a paid order is not what it ordered")
        guard orders.allSatisfy({ held[$0.id] == $0.lines.count }) else { throw alarm }
        try Self.granting.later(pieces.sorted { $0.key < $1.key }, in: transaction, else: alarm) { key, pieces in
            [key.user.sqlValue, key.item.sqlValue, .integer(pieces)]
        }
    }

    private static let granting = ManyRows(
        changing: "inventory_goods SET quantity = quantity + new.column3, reserved = reserved - new.column3",
        columns: [.uuid, .uuid, .integer],
        where: "user_id = new.column1 AND item_id = new.column2 AND reserved >= new.column3")

    /// SQLite has one writer and needs no lock.
    private func lockForChange(_ user: UserID) throws {
        if transaction.dialect == .postgres { _ = try occupied(by: [user]) }
    }
}
