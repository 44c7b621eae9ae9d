import PurchaseContracts
import Users

/// The answer to a deposit.
struct DepositBody: Described {
    static let schema = Schema.object(
        "Deposit",
        [
            .required("id", .id), .required("userId", .id), .required("balance", .amount),
            .required("currency", .currency),
        ])

    /// Of the statement's line.
    let id: String
    let userId: String
    /// What can be spent, right after the deposit.
    let balance: Int64
    let currency: String

    init(_ receipt: Deposit.Receipt, to user: UserID, in currency: Currency) {
        id = receipt.entryID.uuidString.lowercased()
        userId = user.description
        balance = receipt.available.minorUnits
        self.currency = currency.code
    }
}

/// A page of a wallet's statement.
struct StatementBody: Described {
    static let schema = Schema.object(
        "Statement",
        [
            .required("userId", .id), .required("currency", .currency),
            .required("transactions", .array(of: Entry.schema)), .optional("next", .string),
        ])

    struct Entry: Described {
        static let schema = Schema.object(
            "StatementEntry",
            [
                .required("id", .id), .required("kind", .choice(WalletEntry.Kind.self)),
                .required("amount", .amount), .required("balanceAfter", .amount), .optional("orderId", .id),
                .optional("reason", .string), .required("at", .time),
            ])

        let id: String
        let kind: String
        let amount: Int64
        let balanceAfter: Int64
        let orderId: String?
        let reason: String?
        let at: String

        init(_ entry: WalletEntry) {
            id = entry.id.uuidString.lowercased()
            kind = entry.kind.rawValue
            amount = entry.amount.minorUnits
            balanceAfter = entry.balanceAfter.minorUnits
            orderId = entry.orderID?.description
            reason = entry.reason
            at = entry.at.description
        }
    }

    let userId: String
    let currency: String
    let transactions: [Entry]
    let next: String?
}
