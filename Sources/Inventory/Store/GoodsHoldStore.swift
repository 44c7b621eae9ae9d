import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The state row per order: whose inventory, and how far the order has come in it.
struct GoodsHoldStore {
    static let table = "inventory_saga"

    private let step: SQLStep
    private var transaction: any SQLTransaction { step.transaction }
    private let states = StateTable<GoodsHoldState>(GoodsHoldStore.table)

    init(_ step: SQLStep) { self.step = step }

    /// Inserts a row for every order that has none, in ascending order of ids.
    ///
    /// - Returns: the rows, now locked, that were there before; an order missing from it was opened.
    func open(_ orders: [OrderFacts], as state: GoodsHoldState) throws -> [OrderID: GoodsHold] {
        let found = try lock(orders.map(\.id))
        try insert(orders.filter { found[$0.id] == nil }, as: state)
        return found
    }

    /// Inserts the rows of orders that have none, in ascending order of ids.
    func insert(_ orders: [OrderFacts], as state: GoodsHoldState) throws {
        let new = orders.sorted { $0.id < $1.id }
        let now = step.now.milliseconds
        let raced = SQLError(.busy, "inventory_saga: another transaction inserted a row first")
        try Self.insertion.later(new, in: transaction, else: raced) { order in
            [
                .uuid(order.id.uuid), .text(state.rawValue), .bool(false), .integer(now), .integer(now),
                .uuid(order.userID.uuid),
            ]
        }
    }

    private static let insertion = ManyRows(
        into: "inventory_saga (subject, state, settled, created_at, updated_at, user_id)",
        columns: [.uuid, .text, .bool, .integer, .integer, .uuid], suffix: "ON CONFLICT (subject) DO NOTHING")

    /// Locks and reads rows, ascending; those that are not there are missing from the result.
    func lock(_ orders: [OrderID]) throws -> [OrderID: GoodsHold] { try locking(orders).answer() }

    /// As ``lock(_:)``, asked beside other things.
    func locking(_ orders: [OrderID]) throws -> Pending<[OrderID: GoodsHold]> {
        let asked = try transaction.asking(
            BoundedList.parts(of: orders.sorted()).map { part in
                switch transaction.dialect {
                case .sqlite: "SELECT subject, state, user_id FROM inventory_saga WHERE subject IN (\(list: part))"
                case .postgres:
                    """
                    SELECT subject, state, user_id FROM inventory_saga WHERE subject IN (\(list: part))
                    ORDER BY subject FOR UPDATE
                    """
                }
            })
        return Pending(asked) { rows in
            var found: [OrderID: GoodsHold] = [:]
            for row in rows {
                found[OrderID(try row.uuid("subject"))] = GoodsHold(
                    state: try row.value("state", as: GoodsHoldState.self), userID: UserID(try row.uuid("user_id")))
            }
            return found
        }
    }

    func moveAll(_ orders: [OrderID], from: GoodsHoldState, to: GoodsHoldState) throws {
        try states.moveAll(orders.map(\.uuid), from: from, to: to, in: step)
    }

    /// Moves a row on for a refund: until that is over the order is not settled any more.
    func reopen(_ order: OrderID, from: GoodsHoldState, to: GoodsHoldState) throws {
        let moved = try transaction.changesOne(
            """
            UPDATE inventory_saga SET state = \(to.rawValue), settled = \(false), updated_at = \(step.now.milliseconds)
            WHERE subject = \(order) AND state = \(from.rawValue)
            """)
        guard moved else { throw SQLError(.busy, "inventory_saga: the row left state \(from.rawValue) meanwhile") }
    }

    /// Moves a row on; guarded by the state that was read.
    func move(_ order: OrderID, from: GoodsHoldState, to: GoodsHoldState) throws {
        try states.move(order.uuid, from: from, to: to, at: step.now, in: transaction)
    }
}
