import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The state row of each order, and its reserved lines.
struct HoldStore {
    static let tableName = "items_saga"
    static let table = StateTable<HoldState>(tableName)

    let transaction: any SQLTransaction
    let now: Timestamp

    init(_ step: SQLStep) {
        transaction = step.transaction
        now = step.now
    }

    /// Locks and reads the states of orders; those never touched are missing.
    func states(of orders: [OrderID]) throws -> [OrderID: HoldState] {
        let states = try Self.table.states(of: orders.map(\.uuid), in: transaction)
        return Dictionary(uniqueKeysWithValues: states.map { (OrderID($0.key), $0.value) })
    }

    /// Inserts the row of an order that holds its lines, and the lines.
    func openHeld(_ order: OrderFacts, _ demand: Demand, ids: any IDGenerator) throws {
        try open(order, as: .held, facts: String(decoding: order.directJSON(), as: UTF8.self))
        for line in demand.quantities {
            try transaction.execute(
                """
                INSERT INTO items_reservations (id, order_id, item_id, quantity, created_at)
                VALUES (\(ids.next()), \(order.id), \(line.item), \(line.pieces), \(now.milliseconds))
                """)
        }
    }

    /// Inserts the row of an order that holds nothing.
    func openUnheld(_ order: OrderFacts, as state: HoldState, because cause: Cause) throws {
        try open(order, as: state, cause: cause)
    }

    private func open(_ order: OrderFacts, as state: HoldState, cause: Cause? = nil, facts: String? = nil) throws {
        let inserted = try transaction.changesOne(
            """
            INSERT INTO items_saga (subject, state, settled, created_at, updated_at, user_id, cause, facts)
            VALUES (\(order.id), \(state.rawValue), \(false), \(now.milliseconds), \(now.milliseconds),
                \(order.userID), \(cause?.rawValue), \(facts))
            ON CONFLICT (subject) DO NOTHING
            """)
        guard inserted else { throw SQLError(.busy, "items_saga: another transaction inserted the row first") }
    }

    /// Moves a row out of HELD; the facts are no longer needed then.
    func leaveHeld(_ order: OrderID, to state: HoldState, because cause: Cause? = nil) throws {
        let moved = try transaction.changesOne(
            """
            UPDATE items_saga
            SET state = \(state.rawValue), cause = \(cause?.rawValue), facts = NULL, updated_at = \(now.milliseconds)
            WHERE subject = \(order) AND state = \(HoldState.held.rawValue)
            """)
        guard moved else { throw SQLError(.busy, "items_saga: the row left HELD meanwhile") }
    }

    /// Overwrites the cause of an undone order with the one that Orders recorded.
    func setCause(_ cause: Cause, of order: OrderID) throws {
        try transaction.execute(
            """
            UPDATE items_saga SET cause = \(cause.rawValue), updated_at = \(now.milliseconds)
            WHERE subject = \(order) AND (cause IS NULL OR cause <> \(cause.rawValue))
            """)
    }

    /// The pieces that an order holds.
    func pieces(of order: OrderID) throws -> [ItemID: Int64] {
        var pieces: [ItemID: Int64] = [:]
        for row in try transaction.rows("SELECT item_id, quantity FROM items_reservations WHERE order_id = \(order)") {
            pieces[ItemID(try row.uuid("item_id"))] = try row.int64("quantity")
        }
        return pieces
    }
}
