import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The state row of each order, and its reserved lines.
struct HoldStore {
    static let tableName = "items_saga"
    static let table = StateTable<HoldState>(tableName)

    private let step: SQLStep
    private var transaction: any SQLTransaction { step.transaction }
    private var now: Timestamp { step.now }

    init(_ step: SQLStep) { self.step = step }

    /// Locks and reads the states of orders; those never touched are missing.
    func states(of orders: [OrderID]) throws -> [OrderID: HoldState] {
        Self.byOrder(try Self.table.states(of: orders.map(\.uuid), in: transaction))
    }

    /// As ``states(of:)``, asked beside other things.
    func asking(of orders: [OrderID]) throws -> Pending<[UUID: HoldState]> {
        try Self.table.asking(of: orders.map(\.uuid), in: transaction)
    }

    static func byOrder(_ states: [UUID: HoldState]) -> [OrderID: HoldState] {
        Dictionary(uniqueKeysWithValues: states.map { (OrderID($0.key), $0.value) })
    }

    /// Opens the rows of orders that take their stock.
    ///
    /// - Throws: ``SQLError`` `.busy`, or ``WrongSupposition`` where that is allowed, if one has a row.
    func openHeld(_ orders: [OrderFacts]) throws {
        let now = now.milliseconds
        let raced = step.refusal(SQLError(.busy, "items_saga: another transaction inserted a row first"))
        try Self.insertion.later(orders, in: transaction, else: raced) { order in
            [
                .uuid(order.id.uuid), .text(HoldState.held.rawValue), .bool(false), .integer(now), .integer(now),
                .uuid(order.userID.uuid), .utf8(order.directJSON()),
            ]
        }
    }

    /// Writes what orders have taken: behind the counters, which refuse what is not there.
    func reserve(_ demands: [Demand]) throws {
        let now = now.milliseconds
        let lines = demands.flatMap { demand in demand.quantities.map { (demand.order, $0.item, $0.pieces) } }
        var ids = step.ids.next(lines.count)[...]
        try Self.reservation.later(lines, in: transaction) { order, item, pieces in
            [.uuid(ids.removeFirst()), .uuid(order.uuid), .uuid(item.uuid), .integer(pieces), .integer(now)]
        }
    }

    private static let insertion = ManyRows(
        into: "items_saga (subject, state, settled, created_at, updated_at, user_id, facts)",
        columns: [.uuid, .text, .bool, .integer, .integer, .uuid, .text], suffix: "ON CONFLICT (subject) DO NOTHING")
    private static let reservation = ManyRows(
        into: "items_reservations (id, order_id, item_id, quantity, created_at)",
        columns: [.uuid, .uuid, .uuid, .integer, .integer])

    /// Inserts the row of an order that holds nothing.
    func openUnheld(_ order: OrderFacts, as state: HoldState, because cause: Cause) throws {
        try open(order, as: state, cause: cause)
    }

    private func open(_ order: OrderFacts, as state: HoldState, cause: Cause) throws {
        let inserted = try transaction.changesOne(
            """
            INSERT INTO items_saga (subject, state, settled, created_at, updated_at, user_id, cause)
            VALUES (\(order.id), \(state.rawValue), \(false), \(now.milliseconds), \(now.milliseconds),
                \(order.userID), \(cause.rawValue))
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

    /// Moves orders from HELD to SOLD.
    ///
    /// - Throws: ``SQLError`` `.busy` if one left HELD meanwhile.
    func sell(_ orders: [OrderID]) throws {
        let raced = step.refusal(SQLError(.busy, "items_saga: a row left HELD meanwhile"))
        for part in BoundedList.parts(of: orders) {
            try transaction.later(
                """
                UPDATE items_saga SET state = \(HoldState.sold.rawValue), cause = NULL, facts = NULL,
                    updated_at = \(now.milliseconds)
                WHERE state = \(HoldState.held.rawValue) AND subject IN (\(list: part))
                """, changing: ExpectedChanges(part.count, else: raced))
        }
    }

    /// SOLD → RESTOCKED, for a refund: until that is over the order is not settled any more.
    func restock(_ order: OrderID) throws {
        let moved = try transaction.changesOne(
            """
            UPDATE items_saga SET state = \(HoldState.restocked.rawValue), settled = \(false),
                updated_at = \(now.milliseconds)
            WHERE subject = \(order) AND state = \(HoldState.sold.rawValue)
            """)
        guard moved else { throw SQLError(.busy, "items_saga: the row left SOLD meanwhile") }
    }

    /// Asks what orders reserved.
    func asking(piecesOf orders: [OrderID]) throws -> Pending<[(order: OrderID, item: ItemID, pieces: Int64)]> {
        let asked = try transaction.asking(
            BoundedList.parts(of: orders).map { part in
                "SELECT order_id, item_id, quantity FROM items_reservations WHERE order_id IN (\(list: part))"
            })
        return Pending(asked) { rows in
            try rows.map { row in
                (OrderID(try row.uuid("order_id")), ItemID(try row.uuid("item_id")), try row.int64("quantity"))
            }
        }
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
