import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// What others may ask of Users.
public struct UserQueries {
    let transaction: any SQLTransaction

    /// Asks in an open transaction.
    public init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// An account; `nil` if there is none.
    ///
    /// - Throws: `SQLError`.
    public func user(_ id: UserID) throws -> User? { try UserStore(transaction).user(id) }

    /// The account of that very name; `nil` if there is none.
    ///
    /// - Throws: `SQLError`.
    public func user(named name: String) throws -> User? { try UserStore(transaction).user(named: name) }

    /// A user's wallet; `nil` if there is no such user, who is never answered with zero.
    ///
    /// - Throws: `SQLError`.
    public func balance(of id: UserID) throws -> Balance? {
        try transaction.first(
            """
            SELECT available, held, captured, refunded, deposited FROM users_wallets WHERE user_id = \(id)
            """
        ).map { row in
            Balance(
                available: Money(try row.int64("available")), held: Money(try row.int64("held")),
                captured: Money(try row.int64("captured")), refunded: Money(try row.int64("refunded")),
                deposited: Money(try row.int64("deposited")))
        }
    }

    /// A wallet's statement, newest first.
    ///
    /// - Parameters:
    ///   - before: the id of the last entry of the page before; `nil` for the first page.
    ///   - limit: at most so many.
    /// - Throws: `SQLError`.
    public func transactions(of id: UserID, before: UUID? = nil, limit: Int = 100) throws -> [WalletEntry] {
        let statement: SQLStatement =
            if let before {
                """
                SELECT \(fixed: WalletLedger.columns) FROM users_ledger
                WHERE user_id = \(id) AND id < \(before) ORDER BY id DESC LIMIT \(limit)
                """
            } else {
                """
                SELECT \(fixed: WalletLedger.columns) FROM users_ledger
                WHERE user_id = \(id) ORDER BY id DESC LIMIT \(limit)
                """
            }
        return try transaction.rows(statement).map(WalletLedger.entry)
    }

    /// What the wallets did for these orders; an order that Users never saw is missing.
    ///
    /// - Throws: `SQLError`.
    public func settlement(of orders: [OrderID]) throws -> [OrderID: WalletSettlement] {
        var settlements: [OrderID: WalletSettlement] = [:]
        for chunk in orders.chunks(of: 500) {
            let rows = try transaction.rows(
                "SELECT subject, state, user_id, amount, settled FROM users_saga WHERE subject IN (\(list: chunk))")
            for row in rows {
                settlements[OrderID(try row.uuid("subject"))] = WalletSettlement(
                    state: try row.value("state", as: WalletHoldState.self),
                    userID: UserID(try row.uuid("user_id")), amount: Money(try row.int64("amount")),
                    isSettled: try row.bool("settled"))
            }
        }
        return settlements
    }
}

extension Array {
    /// Databases bound the number of parameters of a statement.
    fileprivate func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
