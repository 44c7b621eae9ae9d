import PurchaseContracts

/// A call to the gateway that is committed to and leased to one worker.
public struct ClaimedPayment: Sendable, Hashable {
    public let orderID: OrderID
    public let phase: PaymentPhase
    public let amount: Money
    public let currency: Currency
    /// The gateway's name for the captured charge; set in phase refund.
    public let reference: String?
    /// Number of this call within its phase, from 1.
    public let attempt: Int
    /// The order's trace, as the event that began the payment carried it.
    public let traceparent: String?

    public init(
        orderID: OrderID, phase: PaymentPhase, amount: Money, currency: Currency, reference: String?, attempt: Int,
        traceparent: String? = nil
    ) {
        self.orderID = orderID
        self.phase = phase
        self.amount = amount
        self.currency = currency
        self.reference = reference
        self.attempt = attempt
        self.traceparent = traceparent
    }

    /// One key for all charges of an order: however often it is asked, the gateway charges once.
    public var chargeRequest: ChargeRequest {
        ChargeRequest(key: orderID.description, orderID: orderID, amount: amount, currency: currency)
    }

    /// `nil` in phase charge: there is nothing to give back yet.
    public var refundRequest: RefundRequest? {
        reference.map {
            RefundRequest(
                key: "\(orderID)/refund", reference: $0, orderID: orderID, amount: amount, currency: currency)
        }
    }
}
