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

    /// Locks the account and its wallet; `nil` if there is no such user.
    func lockBuyer(_ user: UserID) throws -> Buyer? {
        let statement: SQLStatement =
            switch transaction.dialect {
            case .sqlite:
                """
                SELECT u.is_active, u.slot_capacity, w.available
                FROM users_users u JOIN users_wallets w ON w.user_id = u.id WHERE u.id = \(user)
                """
            case .postgres:
                """
                SELECT u.is_active, u.slot_capacity, w.available
                FROM users_users u JOIN users_wallets w ON w.user_id = u.id WHERE u.id = \(user) FOR UPDATE
                """
            }
        return try transaction.first(statement).map { row in
            Buyer(
                isActive: try row.bool("is_active"), slotCapacity: try row.int64("slot_capacity"),
                available: Money(try row.int64("available")))
        }
    }

    /// Sets an amount aside, if that much is available.
    ///
    /// - Returns: what is available then; `nil` if it does not suffice.
    func hold(_ amount: Money, of user: UserID) throws -> Money? {
        try available(
            after: """
                UPDATE users_wallets SET available = available - \(amount), held = held + \(amount)
                WHERE user_id = \(user) AND available >= \(amount) RETURNING available
                """)
    }

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

    /// Spends a held amount.
    ///
    /// - Returns: what is available, which does not change.
    func capture(_ amount: Money, of user: UserID) throws -> Money {
        try existing(
            available(
                after: """
                    UPDATE users_wallets SET captured = captured + \(amount), held = held - \(amount)
                    WHERE user_id = \(user) AND held >= \(amount) RETURNING available
                    """))
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
