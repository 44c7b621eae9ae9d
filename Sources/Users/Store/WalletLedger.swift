import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The wallets' statement: one row for every change, never altered.
struct WalletLedger {
    private let step: SQLStep
    private var transaction: any SQLTransaction { step.transaction }

    init(_ step: SQLStep) { self.step = step }

    /// Writes what was done to wallets for orders.
    func record(_ kind: WalletEntry.Kind, _ changes: WalletChanges) throws {
        try Self.insertion.later(changes.entries, in: transaction) { entry in
            [
                .uuid(step.ids.next()), .uuid(entry.user.uuid), .uuid(entry.order.uuid), .text(kind.rawValue),
                entry.amount.sqlValue, entry.available.sqlValue, .integer(step.now.milliseconds),
            ]
        }
    }

    private static let insertion = ManyRows(
        into: "users_ledger (id, user_id, order_id, kind, amount, balance_after, occurred_at)",
        columns: [.uuid, .uuid, .uuid, .text, .integer, .integer, .integer])

    /// Writes a deposit.
    func recordDeposit(_ amount: Money, to user: UserID, reason: String, key: String?, balance: Money) throws -> UUID {
        let id = step.ids.next()
        try transaction.execute(
            """
            INSERT INTO users_ledger (id, user_id, kind, amount, balance_after, reason, deposit_key, occurred_at)
            VALUES (\(id), \(user), \(WalletEntry.Kind.deposit.rawValue), \(amount), \(balance), \(reason), \(key),
                \(step.now.milliseconds))
            """)
        return id
    }

    /// The deposit that was made under an idempotency key.
    func deposit(under key: String) throws -> WalletEntry? {
        try transaction.first("SELECT \(fixed: Self.columns) FROM users_ledger WHERE deposit_key = \(key)")
            .map(Self.entry)
    }

    static let columns: StaticString = "id, user_id, order_id, kind, amount, balance_after, reason, occurred_at"

    static func entry(_ row: SQLRow) throws -> WalletEntry {
        WalletEntry(
            id: try row.uuid("id"), userID: UserID(try row.uuid("user_id")),
            orderID: try row.optionalUUID("order_id").map { OrderID($0) },
            kind: try row.value("kind", as: WalletEntry.Kind.self), amount: Money(try row.int64("amount")),
            balanceAfter: Money(try row.int64("balance_after")), reason: try row.optionalText("reason"),
            at: Timestamp(milliseconds: try row.int64("occurred_at")))
    }
}
