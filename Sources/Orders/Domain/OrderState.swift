/// The status of an order as its row holds it. What clients see is ``OrderView/shown``.
public enum OrderState: String, Sendable, Codable, Hashable, CaseIterable {
    /// The coupon is being validated.
    case pending = "PENDING"
    /// The steps are running.
    case processing = "PROCESSING"
    /// Past the pivot: the payment is captured, the rest is retried until it succeeds.
    case confirmed = "CONFIRMED"
    case completed = "COMPLETED"
    /// An admin reversed it after its completion.
    case refunded = "REFUNDED"
    /// Everything is to be undone.
    case failed = "FAILED"
    /// Everything is to be undone, because its user wished so.
    case cancelled = "CANCELLED"

    /// Before the pivot: the order may still end undone.
    var isOpen: Bool { self == .pending || self == .processing }

    /// Ended, and what was taken goes back.
    var isUndone: Bool { self == .failed || self == .cancelled }
}
