import PurchaseContracts
import SQLCore

/// How users are reached.
public struct ContactQueries {
    private let transaction: any SQLTransaction

    /// Asks in an open transaction.
    public init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// Where a user gets his mail; `nil` if nobody said.
    ///
    /// - Throws: `SQLError`.
    public func emailAddress(of user: UserID) throws -> EmailAddress? {
        try ContactStore(transaction).emailAddress(of: user)
    }
}
