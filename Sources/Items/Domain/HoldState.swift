/// What became of an order's stock in this service.
public enum HoldState: String, Sendable, Codable, CaseIterable {
    /// Every line is reserved.
    case held = "HELD"
    /// A line was off sale or short; nothing was taken.
    case rejected = "REJECTED"
    /// The reserved pieces are back in stock.
    case restored = "RESTORED"
    /// The reserved pieces are sold.
    case sold = "SOLD"
    /// The order was refunded: the pieces that had been sold are back in stock.
    case restocked = "RESTOCKED"
    /// The undo came before the reservation, which therefore never happens.
    case tombstone = "TOMB"

    /// The pieces were sold, whatever became of them since.
    var wasSold: Bool { self == .sold || self == .restocked }
}
