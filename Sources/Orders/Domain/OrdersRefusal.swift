import PurchaseContracts

/// Why an order was not placed; nothing was changed.
public enum OrdersRefusal: Error, Sendable, Hashable, Codable {
    case itemNotFound(ItemID)
    case itemOffSale(ItemID)
    /// The idempotency key was used with another body.
    case idempotencyMismatch
    /// A price times its quantity, or their sum, does not fit.
    case amountTooLarge
    /// No line or more than 50, or an item's quantity is not in 1...1,000,000.
    case invalidLines
    /// Too many orders are under way, see ``OrderIntake``.
    case tooManyUnderWay

    /// The stable slug that clients see.
    public var code: String {
        switch self {
        case .itemNotFound: RefusalCode.itemNotFound.rawValue
        case .itemOffSale: RefusalCode.itemOffSale.rawValue
        case .idempotencyMismatch: "orders.idempotency-mismatch"
        case .amountTooLarge: "orders.amount-too-large"
        case .invalidLines: "orders.invalid-lines"
        case .tooManyUnderWay: "orders.too-many-under-way"
        }
    }
}
