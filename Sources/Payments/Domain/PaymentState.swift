/// How far the payment of an order has come.
public enum PaymentState: String, Sendable, Hashable, CaseIterable {
    /// To be charged, or charged and being given back: see ``PaymentPhase``.
    case processing = "PROCESSING"
    /// The gateway captured the amount (or there was nothing to pay): the pivot is passed.
    case captured = "CAPTURED"
    /// The gateway said no.
    case declined = "DECLINED"
    /// Captured and given back, because the order was to be cancelled meanwhile, or by a refund.
    case refunded = "REFUNDED"
    /// Captured, and the gateway is asked to give it back, see ``RefundState``.
    case refunding = "REFUNDING"
    /// Cancelled before the gateway was ever asked. The tombstone stops an item.reserved that comes later.
    case tombstone = "TOMB"
}

/// What a payment in state PROCESSING asks of the gateway next.
public enum PaymentPhase: String, Sendable, Hashable {
    case charge
    /// The charge was captured, but cancelling had been asked: the money goes back.
    case refund
}
