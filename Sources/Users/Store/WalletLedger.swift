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
        var ids = step.ids.next(changes.entries.count)[...]
        func values(_ entry: WalletChanges.Entry) -> [SQLValue] {
            [
                .uuid(ids.removeFirst()), .uuid(entry.user.uuid), .uuid(entry.order.uuid), .text(kind.rawValue),
                entry.amount.sqlValue, .integer(step.now.milliseconds),
            ]
        }
        if changes.entries.contains(where: { $0.available == nil }) {
            let failure = step.refusal(SagaFault.alarm("users: an order's wallet is missing"))
            try Self.insertionOfRest.later(changes.entries, in: transaction, else: failure, values: values)
        } else {
            try Self.insertion.later(changes.entries, in: transaction) { values($0) + [$0.available.sqlValue] }
        }
    }

    private static let insertion = ManyRows(
        into: "users_ledger (id, user_id, order_id, kind, amount, occurred_at, balance_after)",
        columns: [.uuid, .uuid, .uuid, .text, .integer, .integer, .integer])
    private static let insertionOfRest = ManyRows(
        into: "users_ledger (id, user_id, order_id, kind, amount, occurred_at, balance_after)",
        columns: [.uuid, .uuid, .uuid, .text, .integer, .integer],
        selecting: "new.column1, new.column2, new.column3, new.column4, new.column5, new.column6, w.available",
        from: "users_wallets w ON w.user_id = new.column2")

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
