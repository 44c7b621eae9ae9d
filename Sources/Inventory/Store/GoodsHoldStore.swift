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
        var found: [OrderID: GoodsHold] = [:]
        for order in orders.sorted(by: { $0.id < $1.id }) {
            let isNew = try transaction.changesOne(
                """
                INSERT INTO inventory_saga (subject, state, settled, created_at, updated_at, user_id)
                VALUES (\(order.id), \(state.rawValue), \(false), \(step.now.milliseconds), \(step.now.milliseconds),
                    \(order.userID))
                ON CONFLICT (subject) DO NOTHING
                """)
            if !isNew { found[order.id] = try lock(order.id) }
        }
        return found
    }

    /// Locks and reads the rows of several orders; those never touched are missing from the result.
    func lock(_ orders: [OrderID]) throws -> [OrderID: GoodsHold] {
        var found: [OrderID: GoodsHold] = [:]
        for order in orders.sorted() { found[order] = try lock(order) }
        return found
    }

    private func lock(_ order: OrderID) throws -> GoodsHold? {
        let statement: SQLStatement =
            switch transaction.dialect {
            case .sqlite: "SELECT state, user_id FROM inventory_saga WHERE subject = \(order)"
            case .postgres: "SELECT state, user_id FROM inventory_saga WHERE subject = \(order) FOR UPDATE"
            }
        return try transaction.first(statement).map { row in
            GoodsHold(
                state: try row.value("state", as: GoodsHoldState.self), userID: UserID(try row.uuid("user_id")))
        }
    }

    /// Moves a row on; guarded by the state that was read.
    func move(_ order: OrderID, from: GoodsHoldState, to: GoodsHoldState) throws {
        try states.move(order.uuid, from: from, to: to, at: step.now, in: transaction)
    }
}
