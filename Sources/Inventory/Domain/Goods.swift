import PurchaseContracts

/// One item in a user's inventory.
public struct Goods: Sendable, Hashable {
    /// The most pieces of one item that a user may own and have reserved together: 2^53 − 1, which every JSON reader still
    /// reads exactly (RFC 8259, section 6).
    public static let limit: Int64 = 9_007_199_254_740_991

    public let itemID: ItemID
    /// As of the user's last order of it.
    public let name: String
    /// Pieces that the user owns.
    public let quantity: Int64
    /// Pieces of orders that are under way, and of refunds.
    public let reserved: Int64
}

/// How a user's slots are used. A slot is a distinct item.
public struct SlotUsage: Sendable, Hashable {
    /// Items that the user owns.
    public let used: Int64
    /// Items that the user does not own yet, or no longer can use, but whose slots are taken.
    public let reserved: Int64
    /// The capacity under which slots were last taken; `nil` before the first order. Users knows the present one.
    public let capacity: Int64?
}
