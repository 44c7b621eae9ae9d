import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The state row per order: which amount of which wallet, and how far it has come.
struct WalletHoldStore {
    static let table = "users_saga"

    private let step: SQLStep
    private var transaction: any SQLTransaction { step.transaction }
    private let states = StateTable<WalletHoldState>(WalletHoldStore.table)

    init(_ step: SQLStep) { self.step = step }

    /// Inserts a row for every order that has none, in ascending order of ids.
    ///
    /// - Returns: the rows, now locked, that were there before; an order missing from it was opened.
    func open(_ orders: [OrderFacts], as state: WalletHoldState) throws -> [OrderID: WalletHold] {
        let found = try lock(orders.map(\.id))
        try insert(orders.filter { found[$0.id] == nil }, as: state)
        return found
    }

    /// Inserts the rows of orders that have none, in ascending order of ids.
    func insert(_ orders: [OrderFacts], as state: WalletHoldState) throws {
        let new = orders.sorted { $0.id < $1.id }
        let now = step.now.milliseconds
        let raced = SQLError(.busy, "users_saga: another transaction inserted a row first")
        try Self.insertion.later(new, in: transaction, else: raced) { order in
            [
                .uuid(order.id.uuid), .text(state.rawValue), .bool(false), .integer(now), .integer(now),
                .uuid(order.userID.uuid), order.final.sqlValue,
            ]
        }
    }

    private static let insertion = ManyRows(
        into: "users_saga (subject, state, settled, created_at, updated_at, user_id, amount)",
        columns: [.uuid, .text, .bool, .integer, .integer, .uuid, .integer], suffix: "ON CONFLICT (subject) DO NOTHING")

    /// Locks and reads rows, ascending; those that are not there are missing from the result.
    func lock(_ orders: [OrderID]) throws -> [OrderID: WalletHold] { try locking(orders).answer() }

    /// As ``lock(_:)``, asked beside other things.
    func locking(_ orders: [OrderID]) throws -> Pending<[OrderID: WalletHold]> {
        let asked = try transaction.asking(
            BoundedList.parts(of: orders.sorted()).map { part in
                switch transaction.dialect {
                case .sqlite: "SELECT subject, state, user_id, amount FROM users_saga WHERE subject IN (\(list: part))"
                case .postgres:
                    """
                    SELECT subject, state, user_id, amount FROM users_saga WHERE subject IN (\(list: part))
                    ORDER BY subject FOR UPDATE
                    """
                }
            })
        return Pending(asked) { rows in
            var found: [OrderID: WalletHold] = [:]
            for row in rows {
                found[OrderID(try row.uuid("subject"))] = WalletHold(
                    state: try row.value("state", as: WalletHoldState.self), userID: UserID(try row.uuid("user_id")),
                    amount: Money(try row.int64("amount")))
            }
            return found
        }
    }

    func moveAll(_ orders: [OrderID], from: WalletHoldState, to: WalletHoldState) throws {
        try states.moveAll(orders.map(\.uuid), from: from, to: to, in: step)
    }

    /// HELD → CAPTURED, of orders that are supposed to hold what they cost.
    ///
    /// - Throws: ``WrongSupposition`` if one does not.
    func captureHeld(by orders: [OrderFacts]) throws {
        try Self.captures.later(orders.sorted { $0.id < $1.id }, in: transaction, else: WrongSupposition()) { order in
            [.uuid(order.id.uuid), .uuid(order.userID.uuid), order.final.sqlValue, .integer(step.now.milliseconds)]
        }
    }

    private static let captures = ManyRows(
        changing: "users_saga SET state = 'CAPTURED', updated_at = new.column4",
        columns: [.uuid, .uuid, .integer, .integer],
        where: """
            subject = new.column1 AND state = 'HELD' AND users_saga.user_id = new.column2
                AND users_saga.amount = new.column3
            """)

    /// CAPTURED → REFUNDED: until the refund is over the order is not settled any more.
    func refund(_ order: OrderID) throws {
        let moved = try transaction.changesOne(
            """
            UPDATE users_saga SET state = 'REFUNDED', settled = \(false), updated_at = \(step.now.milliseconds)
            WHERE subject = \(order) AND state = 'CAPTURED'
            """)
        guard moved else { throw SQLError(.busy, "users_saga: the row left CAPTURED meanwhile") }
    }

    /// Moves a row on; guarded by the state that was read.
    func move(_ order: OrderID, from: WalletHoldState, to: WalletHoldState) throws {
        try states.move(order.uuid, from: from, to: to, at: step.now, in: transaction)
    }
}
