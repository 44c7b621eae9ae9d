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
    /// The gateway's name for the charge; `nil` for a decline.
    public let reference: String?
    public let amount: Money
    public let currency: Currency
    /// The gateway's words for a no.
    public let reason: String

    public init(
        id: String, digest: Data, kind: Kind, orderID: OrderID, reference: String?, amount: Money, currency: Currency,
        reason: String = ""
    ) {
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

    /// Compares an event with this payment. The event may be older than what a call was answered meanwhile.
    func reading(of event: GatewayEvent) -> Reading {
        guard event.amount == order.final, event.currency == order.currency, let verdict = event.verdict,
            event.phase == .charge || event.reference != nil
        else { return .contradiction }
        if let reference, let named = event.reference, reference != named { return .contradiction }
        switch (state, event.kind) {
        case (.processing, _) where !isAttempted: return .early
        case (.processing, _) where phase == event.phase: return .answers(verdict)
        // In phase refund the charge is known as captured; before it nothing can have been given back.
        case (.processing, .chargeCaptured): return .known
        case (.processing, .chargeDeclined), (.processing, .refundSucceeded), (.processing, .refundRefused):
            return .contradiction
        case (.captured, .chargeCaptured), (.captured, .refundRefused): return .known
        case (.captured, .chargeDeclined), (.captured, .refundSucceeded): return .contradiction
        case (.refunded, .chargeCaptured), (.refunded, .refundSucceeded): return .known
        case (.refunded, .chargeDeclined), (.refunded, .refundRefused): return .contradiction
        case (.declined, .chargeDeclined), (.tombstone, .chargeDeclined): return .known
        case (.declined, _), (.tombstone, _): return .contradiction
        }
    }
}
