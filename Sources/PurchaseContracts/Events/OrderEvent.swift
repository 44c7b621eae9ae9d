import FoundationEssentials
import SagaChoreography

/// An event about one order, with all its facts.
public protocol OrderEvent: Event {
    var order: OrderFacts { get }
}

extension OrderEvent {
    public var subject: UUID? { order.id.uuid }
}

/// The order is over and to be undone: every participant gives back and acknowledges, in any state.
public protocol OrderUndone: OrderEvent, Abort {
    var cause: Cause { get }
    var refusal: Refusal { get }
}

/// A later step failed: what was held may be given back early. Needs no acknowledgement; the order's end asks for that.
public protocol StepFailed: OrderEvent {
    var cause: Cause { get }
    var refusal: Refusal { get }
}
