import FoundationEssentials
import PurchaseContracts
import SagaChoreography

/// One line of a wallet's statement.
public struct WalletEntry: Sendable, Hashable {
    /// What happened to the amount.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// Paid in: available rises.
        case deposit
        /// Set aside for an order: available falls.
        case hold
        /// Given back by an order that was undone: available rises.
        case release
        /// The order was paid with what was held: available stays.
        case capture
        /// The order was refunded: available rises.
        case refund
    }

    /// UUIDv7: entries sort by time.
    public let id: UUID
    public let userID: UserID
    public let orderID: OrderID?
    public let kind: Kind
    /// Never negative; ``kind`` gives the direction.
    public let amount: Money
    /// What was available right after this entry.
    public let balanceAfter: Money
    /// Why, for deposits.
    public let reason: String?
    public let at: Timestamp
}
