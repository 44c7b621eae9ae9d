import PurchaseContracts

/// Why no money moved for an order, or why what moved was given back.
public struct PaymentFailure: Sendable, Hashable {
    public let cause: Cause
    public let refusal: Refusal

    public init(cause: Cause, refusal: Refusal) {
        self.cause = cause
        self.refusal = refusal
    }

    /// The gateway's explicit no to an order that nobody asked to cancel.
    public static let declined = PaymentFailure(cause: .declined, refusal: Refusal(.paymentDeclined))
}
