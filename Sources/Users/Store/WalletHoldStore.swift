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
        var found: [OrderID: WalletHold] = [:]
        for order in orders.sorted(by: { $0.id < $1.id }) {
            let isNew = try transaction.changesOne(
                """
                INSERT INTO users_saga (subject, state, settled, created_at, updated_at, user_id, amount)
                VALUES (\(order.id), \(state.rawValue), \(false), \(step.now.milliseconds), \(step.now.milliseconds),
                    \(order.userID), \(order.final))
                ON CONFLICT (subject) DO NOTHING
                """)
            if !isNew { found[order.id] = try lock(order.id) }
        }
        return found
    }

    /// Locks and reads the rows of several orders; those never touched are missing from the result.
    func lock(_ orders: [OrderID]) throws -> [OrderID: WalletHold] {
        var found: [OrderID: WalletHold] = [:]
        for order in orders.sorted() { found[order] = try lock(order) }
        return found
    }

    private func lock(_ order: OrderID) throws -> WalletHold? {
        let statement: SQLStatement =
            switch transaction.dialect {
            case .sqlite: "SELECT state, user_id, amount FROM users_saga WHERE subject = \(order)"
            case .postgres: "SELECT state, user_id, amount FROM users_saga WHERE subject = \(order) FOR UPDATE"
            }
        return try transaction.first(statement).map { row in
            WalletHold(
                state: try row.value("state", as: WalletHoldState.self), userID: UserID(try row.uuid("user_id")),
                amount: Money(try row.int64("amount")))
        }
    }

    /// Moves a row on; guarded by the state that was read.
    func move(_ order: OrderID, from: WalletHoldState, to: WalletHoldState) throws {
        try states.move(order.uuid, from: from, to: to, at: step.now, in: transaction)
    }
}
