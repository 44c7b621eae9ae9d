import FoundationEssentials
import SagaChoreography

/// The user may buy. For observers: payment.reserved carries the saga on.
public struct UserValidated: BareOrderEvent {
    public static let type: EventType = "user.validated"
    public static let isTerminal = true
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}

/// The final amount is held in the wallet.
public struct PaymentReserved: OrderEvent {
    public static let type: EventType = "payment.reserved"
    public var order: OrderFacts
    /// How many distinct items the user may own.
    public var slotCapacity: Int64

    public init(order: OrderFacts, slotCapacity: Int64) {
        self.order = order
        self.slotCapacity = slotCapacity
    }
}

/// The user may not buy or cannot pay; nothing was taken.
public struct UserValidationFailed: StepFailed {
    public static let type: EventType = "user.validation.failed"
    public var order: OrderFacts
    public var cause: Cause
    public var refusal: Refusal

    public init(order: OrderFacts, cause: Cause, refusal: Refusal) {
        self.order = order
        self.cause = cause
        self.refusal = refusal
    }
}

/// Acknowledges an undone order: nothing is held in the wallet for it.
public struct PaymentRollback: BareOrderEvent {
    public static let type: EventType = "payment.rollback"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}

/// The held amount was captured.
public struct PaymentConfirmed: BareOrderEvent {
    public static let type: EventType = "payment.confirmed"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}
