import FoundationEssentials
import SagaChoreography

/// The pivot: the gateway captured the final amount. From here on everything is retried until it succeeds.
public struct PaymentProcessed: BareOrderEvent {
    public static let type: EventType = "payment.processed"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}

/// No money moved, and none will: declined, given back, or never attempted.
public struct PaymentFailed: StepFailed {
    public static let type: EventType = "payment.failed"
    public var order: OrderFacts
    public var cause: Cause
    public var refusal: Refusal

    public init(order: OrderFacts, cause: Cause, refusal: Refusal) {
        self.order = order
        self.cause = cause
        self.refusal = refusal
    }
}
