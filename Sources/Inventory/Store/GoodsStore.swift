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

    /// What must be known before slots can be taken.
    struct Asked {
        fileprivate let keys: [GoodsKey]
        fileprivate let occupied: Pending<[UserID: Int64]>
        fileprivate let pieces: Pending<[GoodsKey: Int64]>
    }

    /// Locks users' accounts and asks for what they have of some items. An account is locked before its goods are read, so what is read
    /// stays as it is.
    func asking(about keys: Set<GoodsKey>, of users: Set<UserID>) throws -> Asked {
        let keys = keys.sorted()
        return Asked(keys: keys, occupied: try occupied(by: users.sorted()), pieces: try pieces(of: keys))
    }

    /// Opens the accounts that are missing.
    ///
    /// - Parameter capacities: under which capacity to open an account.
    /// - Returns: how many slots are occupied, and how many pieces a user owns and has reserved of each item, together.
    func answer(
        to asked: Asked, opening capacities: [UserID: Int64]
    ) throws -> (occupied: [UserID: Int64], pieces: [GoodsKey: Int64]) {
        let locked = try asked.occupied.answer()
        // What was read of somebody who was not locked may be gone.
        var pieces = try asked.pieces.answer().filter { locked[$0.key.user] != nil }
        let missing = capacities.keys.filter { locked[$0] == nil }.sorted()
        guard !missing.isEmpty else { return (locked, pieces) }
        try Self.opening.later(missing, in: transaction) { user in
            [user.sqlValue, .integer(0), .integer(capacities[user] ?? 0)]
        }
        // Nothing was locked where there was no account: another transaction may have opened it, and taken slots.
        let opened = try asking(about: Set(asked.keys.filter { locked[$0.user] == nil }), of: Set(missing))
        var found = locked
        found.merge(try opened.occupied.answer()) { $1 }
        pieces.merge(try opened.pieces.answer()) { $1 }
        guard missing.allSatisfy({ found[$0] != nil }) else {
            throw SQLError(.busy, "inventory_accounts: a row vanished while it was opened")
        }
        return (found, pieces)
    }

    private static let opening = ManyRows(
        into: "inventory_accounts (user_id, occupied, capacity)", columns: [.uuid, .integer, .integer],
        suffix: "ON CONFLICT (user_id) DO NOTHING")

    private func occupied(by users: [UserID]) throws -> Pending<[UserID: Int64]> {
        let asked = try transaction.asking(
            BoundedList.parts(of: users).map { part in
                switch transaction.dialect {
                case .sqlite: "SELECT user_id, occupied FROM inventory_accounts WHERE user_id IN (\(list: part))"
                case .postgres:
                    """
                    SELECT user_id, occupied FROM inventory_accounts WHERE user_id IN (\(list: part))
                    ORDER BY user_id FOR UPDATE
                    """
                }
            })
        return Pending(asked) { rows in
            var occupied: [UserID: Int64] = [:]
            for row in rows { occupied[UserID(try row.uuid("user_id"))] = try row.int64("occupied") }
            return occupied
        }
    }

    private func pieces(of keys: [GoodsKey]) throws -> Pending<[GoodsKey: Int64]> {
        let asked = try Self.reading.asking(keys, in: transaction) { [$0.user.sqlValue, $0.item.sqlValue] }
        return Pending(asked) { rows in
            var pieces: [GoodsKey: Int64] = [:]
            for row in rows {
                let key = GoodsKey(user: UserID(try row.uuid("user_id")), item: ItemID(try row.uuid("item_id")))
                pieces[key] = try row.int64("pieces")
            }
            return pieces
        }
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

    /// What orders reserved.
    struct Held {
        fileprivate let lines: Pending<[(order: OrderID, key: GoodsKey, pieces: Int64)]>
    }

    /// Asks what orders reserved, and locks their users' accounts.
    func asking(heldBy orders: [OrderFacts]) throws -> Held {
        if transaction.dialect == .postgres { _ = try occupied(by: Set(orders.map(\.userID)).sorted()) }
        let asked = try transaction.asking(
            BoundedList.parts(of: orders.map(\.id).sorted()).map { part in
                "SELECT order_id, user_id, item_id, quantity FROM inventory_holds WHERE order_id IN (\(list: part))"
            })
        return Held(
            lines: Pending(asked) { rows in
                try rows.map { row in
                    let key = GoodsKey(user: UserID(try row.uuid("user_id")), item: ItemID(try row.uuid("item_id")))
                    return (OrderID(try row.uuid("order_id")), key, try row.int64("quantity"))
                }
            })
    }

    /// Turns what orders reserved into what their users own; the slots stay.
    ///
    /// - Parameter asked: what these orders reserved, and perhaps others.
    /// - Throws: ``SagaFault`` `.alarm` if what is held is not what was paid for.
    func grant(_ orders: [OrderFacts], _ asked: Held) throws {
        var pieces: [GoodsKey: Int64] = [:]
        var held: [OrderID: Int] = [:]
        let ids = Set(orders.map(\.id))
        for line in try asked.lines.answer() where ids.contains(line.order) {
            held[line.order, default: 0] += 1
            pieces[line.key, default: 0] += line.pieces
        }
        guard orders.allSatisfy({ held[$0.id] == $0.lines.count }) else { throw Self.otherGoods }
        try grant(pieces)
    }

    /// Turns whatever orders have reserved into what their users own, which need not be read for that.
    ///
    /// - Throws: ``WrongSupposition`` if they have not reserved each of the items that they ordered.
    func grantReserved(by orders: [OrderFacts]) throws {
        if transaction.dialect == .postgres { _ = try occupied(by: Set(orders.map(\.userID)).sorted()) }
        let byID = Dictionary(orders.map { ($0.id, $0) }) { first, _ in first }
        for part in BoundedList.parts(of: byID.keys.sorted()) {
            let goods = Set(
                part.compactMap { byID[$0] }.flatMap { order in
                    order.lines.map { GoodsKey(user: order.userID, item: $0.itemID) }
                })
            try transaction.later(
                """
                UPDATE inventory_goods SET quantity = inventory_goods.quantity + held.pieces,
                    reserved = inventory_goods.reserved - held.pieces
                FROM (SELECT user_id, item_id, CAST(SUM(quantity) AS BIGINT) AS pieces FROM inventory_holds
                    WHERE order_id IN (\(list: part)) GROUP BY user_id, item_id ORDER BY user_id, item_id) AS held
                WHERE inventory_goods.user_id = held.user_id AND inventory_goods.item_id = held.item_id
                    AND inventory_goods.reserved >= held.pieces
                """, changing: ExpectedChanges(goods.count, else: WrongSupposition()))
        }
    }

    private static let otherGoods = SagaFault.alarm("inventory: what is held for a paid order is not what it ordered")

    private func grant(_ pieces: [GoodsKey: Int64]) throws {
        try Self.granting.later(pieces.sorted { $0.key < $1.key }, in: transaction, else: Self.otherGoods) {
            key, pieces in
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
