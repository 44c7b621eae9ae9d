import PurchaseContracts

/// How far the return of an order's goods has come, for one refund.
enum GoodsReturnState: String, Sendable, Hashable, CaseIterable {
    /// The goods are set aside: the user cannot use them, and keeps their slots.
    case returning = "RETURNING"
    /// The goods have left the user's inventory.
    case returned = "RETURNED"
    /// The money was not given back: the goods are the user's again.
    case cancelled = "CANCELLED"
    /// The user no longer had the goods; nothing was taken.
    case refused = "REFUSED"
}
