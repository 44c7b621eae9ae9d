/// What became of an order's coupon in this service.
public enum HoldState: String, Sendable, Codable, CaseIterable {
    /// A copy is held for the order.
    case held = "HELD"
    /// The coupon was refused; no copy is held.
    case rejected = "REJECTED"
    /// The copy was given back.
    case released = "RELEASED"
    /// The copy was spent on the completed order.
    case used = "USED"
    /// The undo came before the validation, which therefore never happens.
    case tombstone = "TOMB"
}
