import FoundationEssentials
import PurchaseContracts

/// What the gateway told of its own accord, once it was sure of whom it comes from.
public struct GatewayEvent: Sendable, Hashable {
    /// What happened there.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case chargeCaptured = "charge.captured"
        case chargeDeclined = "charge.declined"
        case refundSucceeded = "refund.succeeded"
        case refundRefused = "refund.refused"
    }

    /// The gateway's id of it: the same event always comes under the same id.
    public let id: String
    /// SHA-256 of the bytes that came, so that two events under one id are told apart.
    public let digest: Data
    public let kind: Kind
    /// Taken from the idempotency key under which the gateway was asked.
    public let orderID: OrderID
    /// The refund that it is about, taken from the refund's key; `nil` for a charge, for a charge that was given back because its order
    /// was cancelled, and if the gateway does not say.
    public let refundID: RefundID?
    /// The gateway's name for the charge; `nil` for a decline.
    public let reference: String?
    public let amount: Money
    public let currency: Currency
    /// The gateway's words for a no.
    public let reason: String

    public init(
        id: String, digest: Data, kind: Kind, orderID: OrderID, reference: String?, amount: Money, currency: Currency,
        reason: String = "", refundID: RefundID? = nil
    ) {
        self.refundID = refundID
        self.id = id
        self.digest = digest
        self.kind = kind
        self.orderID = orderID
        self.reference = reference
        self.amount = amount
        self.currency = currency
        self.reason = reason
    }

    /// The answer that says the same; `nil` if it says that a charge without name was captured.
    var verdict: GatewayVerdict? {
        switch kind {
        case .chargeCaptured: reference.map { .captured(reference: $0) }
        case .chargeDeclined: .declined(reason: reason)
        case .refundSucceeded: .refunded
        case .refundRefused: .refundRefused(reason: reason)
        }
    }

    var phase: PaymentPhase {
        switch kind {
        case .chargeCaptured, .chargeDeclined: .charge
        case .refundSucceeded, .refundRefused: .refund
        }
    }
}

extension Payment {
    /// What an event of the gateway means for a payment.
    enum Reading: Sendable, Equatable {
        /// It decides what is open.
        case answers(GatewayVerdict)
        /// It says what is known already.
        case known
        /// It comes before anything was asked of the gateway.
        case early
        /// Money is not where this payment says that it is.
        case contradiction
    }

    /// Whether an event is about this payment's money, and about its charge.
    func agrees(with event: GatewayEvent) -> Bool {
        guard event.amount == order.final, event.currency == order.currency,
            event.phase == .charge || event.reference != nil
        else { return false }
        if let reference, let named = event.reference { return reference == named }
        return true
    }

    /// Compares an event with this payment. The event may be older than what a call was answered meanwhile.
    ///
    /// - Parameter isRefundedByAdmin: whether a refund of the completed order gave the money back, and no cancellation.
    func reading(of event: GatewayEvent, isRefundedByAdmin: Bool) -> Reading {
        guard let verdict = event.verdict, agrees(with: event) else { return .contradiction }
        switch (state, event.kind) {
        case (.processing, _) where !isAttempted: return .early
        case (.processing, _) where phase == event.phase: return .answers(verdict)
        // In phase refund the charge is known as captured; before it nothing can have been given back.
        case (.processing, .chargeCaptured): return .known
        case (.processing, .chargeDeclined), (.processing, .refundSucceeded), (.processing, .refundRefused):
            return .contradiction
        case (.captured, .chargeCaptured), (.captured, .refundRefused): return .known
        // Of the refund that is open only the success can be known without its key: a refusal may be of one before.
        case (.refunding, .refundSucceeded): return .answers(verdict)
        case (.refunding, .chargeCaptured), (.refunding, .refundRefused): return .known
        case (.refunding, .chargeDeclined): return .contradiction
        case (.captured, .chargeDeclined), (.captured, .refundSucceeded): return .contradiction
        case (.refunded, .chargeCaptured), (.refunded, .refundSucceeded): return .known
        // One that was refused before another was granted, be it that of a cancellation.
        case (.refunded, .refundRefused) where isRefundedByAdmin: return .known
        case (.refunded, .chargeDeclined), (.refunded, .refundRefused): return .contradiction
        case (.declined, .chargeDeclined), (.tombstone, .chargeDeclined): return .known
        case (.declined, _), (.tombstone, _): return .contradiction
        }
    }
}
