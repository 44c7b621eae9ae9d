import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The wallets. Every change is a delta; the table's CHECKs refuse what does not add up.
struct WalletStore {
    /// What an order must know of its user.
    struct Buyer {
        let isActive: Bool
        let slotCapacity: Int64
        let available: Money
    }

    private let step: SQLStep
    private var transaction: any SQLTransaction { step.transaction }

    init(_ step: SQLStep) { self.step = step }

    /// The statement that every change of a wallet is written to.
    var ledger: WalletLedger { WalletLedger(step) }

    func create(for user: UserID) throws {
        try transaction.execute(
            """
            INSERT INTO users_wallets (user_id, deposited, available, held, captured, refunded)
            VALUES (\(user), 0, 0, 0, 0, 0)
            """)
    }

    /// Asks for accounts and their wallets and locks them, ascending; users that do not exist are missing from the answer.
    func lockingBuyers(_ users: Set<UserID>) throws -> Pending<[UserID: Buyer]> {
        let asked = try transaction.asking(
            BoundedList.parts(of: users.sorted()).map { part in
                switch transaction.dialect {
                case .sqlite:
                    """
                    SELECT u.id, u.is_active, u.slot_capacity, w.available
                    FROM users_users u JOIN users_wallets w ON w.user_id = u.id WHERE u.id IN (\(list: part))
                    """
                case .postgres:
                    """
                    SELECT u.id, u.is_active, u.slot_capacity, w.available
                    FROM users_users u JOIN users_wallets w ON w.user_id = u.id WHERE u.id IN (\(list: part))
                    ORDER BY u.id FOR UPDATE
                    """
                }
            })
        return Pending(asked) { rows in
            var buyers: [UserID: Buyer] = [:]
            for row in rows {
                buyers[UserID(try row.uuid("id"))] = Buyer(
                    isActive: try row.bool("is_active"), slotCapacity: try row.int64("slot_capacity"),
                    available: Money(try row.int64("available")))
            }
            return buyers
        }
    }

    /// Asks what is available in wallets and locks them, ascending; those that do not exist are missing from the answer.
    func lockingAvailable(of users: Set<UserID>) throws -> Pending<[UserID: Money]> {
        let suffix: StaticString = transaction.dialect == .postgres ? " ORDER BY user_id FOR UPDATE" : ""
        let asked = try transaction.asking(
            BoundedList.parts(of: users.sorted()).map { part in
                "SELECT user_id, available FROM users_wallets WHERE user_id IN (\(list: part))\(fixed: suffix)"
            })
        return Pending(asked) { rows in
            var available: [UserID: Money] = [:]
            for row in rows { available[UserID(try row.uuid("user_id"))] = Money(try row.int64("available")) }
            return available
        }
    }

    /// Sets amounts aside, of wallets that are locked and have them.
    ///
    /// - Throws: ``SQLError`` `.busy` if one no longer has.
    func hold(_ changes: WalletChanges) throws {
        try change(
            changes, by: Self.holds,
            else: SQLError(.busy, "users_wallets: another transaction took from a wallet meanwhile"))
    }

    /// Spends held amounts. State rows say that they are held, so the wallets must hold them.
    func capture(_ changes: WalletChanges) throws {
        try change(changes, by: Self.captures, else: SagaFault.alarm("users: a wallet holds less than its orders say"))
    }

    /// - Parameter failure: what is thrown unless every wallet is changed.
    private func change(_ changes: WalletChanges, by statement: ManyRows, else failure: any Error) throws {
        let failure = step.refusal(failure)
        try statement.later(changes.byUser, in: transaction, else: failure) { [$0.user.sqlValue, $0.sum.sqlValue] }
    }

    private static let holds = ManyRows(
        changing: "users_wallets SET available = available - new.column2, held = held + new.column2",
        columns: [.uuid, .integer], where: "user_id = new.column1 AND available >= new.column2")
    private static let captures = ManyRows(
        changing: "users_wallets SET captured = captured + new.column2, held = held - new.column2",
        columns: [.uuid, .integer], where: "user_id = new.column1 AND held >= new.column2")

    /// Gives a held amount back.
    ///
    /// - Returns: what is available then.
    func release(_ amount: Money, of user: UserID) throws -> Money {
        try existing(
            available(
                after: """
                    UPDATE users_wallets SET available = available + \(amount), held = held - \(amount)
                    WHERE user_id = \(user) AND held >= \(amount) RETURNING available
                    """))
    }

    /// Gives a captured amount back.
    ///
    /// - Returns: what is available then.
    func credit(_ amount: Money, to user: UserID) throws -> Money {
        let available = try available(
            after: """
                UPDATE users_wallets SET available = available + \(amount), refunded = refunded + \(amount)
                WHERE user_id = \(user) AND captured - refunded >= \(amount) RETURNING available
                """)
        guard let available else { throw SagaFault.alarm("users: a wallet captured less than its orders say") }
        return available
    }

    /// Pays an amount in, up to ``Balance/limit``.
    ///
    /// - Returns: what is available then; `nil` if the wallet is missing or would be too full.
    func deposit(_ amount: Money, to user: UserID) throws -> Money? {
        let most = try Balance.limit.subtracting(amount)
        return try available(
            after: """
                UPDATE users_wallets SET deposited = deposited + \(amount), available = available + \(amount)
                WHERE user_id = \(user) AND deposited <= \(most) RETURNING available
                """)
    }

    private func available(after change: SQLStatement) throws -> Money? {
        try transaction.first(change).map { Money(try $0.int64("available")) }
    }

    /// A state row says that the amount is held, so the wallet must hold it.
    private func existing(_ available: Money?) throws -> Money {
        guard let available else { throw SagaFault.alarm("users: a wallet holds less than its orders say") }
        return available
    }
}
