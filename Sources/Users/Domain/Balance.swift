import PurchaseContracts

/// A wallet. Always: available + held + captured − refunded = deposited.
public struct Balance: Sendable, Hashable {
    /// The most a wallet may ever receive: 2^53 − 1 minor units, which every JSON reader still reads exactly (RFC 8259,
    /// section 6). It also keeps each sum of the wallet far from the end of 64 bits.
    public static let limit = Money(9_007_199_254_740_991)

    /// Free to spend.
    public let available: Money
    /// Set aside for orders that are under way.
    public let held: Money
    /// Spent on orders that were paid.
    public let captured: Money
    /// Given back of what had been captured.
    public let refunded: Money
    /// Everything ever paid in.
    public let deposited: Money
}
