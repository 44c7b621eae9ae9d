import PurchaseContracts
import SagaChoreography

/// A call to the gateway that is committed to and leased to one worker.
public struct ClaimedPayment: Sendable, Hashable {
    public let orderID: OrderID
    public let phase: PaymentPhase
    /// The refund of a completed order that the call is for; `nil` if it is for the payment itself.
    public let refundID: RefundID?
    public let amount: Money
    public let currency: Currency
    /// The gateway's name for the captured charge; set in phase refund.
    public let reference: String?
    /// Number of this call within its phase, from 1.
    public let attempt: Int
    /// The order's trace, as the event that began the payment carried it.
    public let traceparent: String?
    /// What began the payment, if that was at hand when the call was committed to; else it has to be read.
    let opening: Opening?

    /// The order, and the event that began its payment.
    struct Opening: Sendable, Hashable {
        let order: OrderFacts
        let origin: Origin
    }

    public init(
        orderID: OrderID, phase: PaymentPhase, amount: Money, currency: Currency, reference: String?, attempt: Int,
        traceparent: String? = nil, refundID: RefundID? = nil
    ) {
        self.init(
            orderID: orderID, phase: phase, amount: amount, currency: currency, reference: reference, attempt: attempt,
            traceparent: traceparent, refundID: refundID, opening: nil)
    }

    /// The first call for a payment that is being opened.
    init(beginning opening: Opening) {
        self.init(
            orderID: opening.order.id, phase: .charge, amount: opening.order.final, currency: opening.order.currency,
            reference: nil, attempt: 1, traceparent: opening.origin.traceparent, refundID: nil, opening: opening)
    }

    private init(
        orderID: OrderID, phase: PaymentPhase, amount: Money, currency: Currency, reference: String?, attempt: Int,
        traceparent: String?, refundID: RefundID?, opening: Opening?
    ) {
        self.opening = opening
        self.refundID = refundID
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

    /// `nil` in phase charge: there is nothing to give back yet. Each refund has a key of its own: the gateway may refuse one and
    /// grant the next.
    public var refundRequest: RefundRequest? {
        reference.map {
            RefundRequest(
                key: Self.refundKey(orderID, refundID), reference: $0, orderID: orderID, amount: amount,
                currency: currency)
        }
    }

    private static func refundKey(_ order: OrderID, _ refund: RefundID?) -> String {
        refund.map { "\(order)/refund/\($0)" } ?? "\(order)/refund"
    }

    /// The refund that an idempotency key names; `nil` for the key of a charge that was given back because its order was cancelled.
    public static func refund(named key: String) -> RefundID? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1] == "refund" else { return nil }
        return RefundID(parts[2])
    }
}
