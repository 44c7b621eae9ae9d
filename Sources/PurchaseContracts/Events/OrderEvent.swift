import FoundationEssentials
import SagaChoreography

/// An event about one order, with all its facts.
public protocol OrderEvent: Event {
    var order: OrderFacts { get }
}

extension OrderEvent {
    public var subject: UUID? { order.id.uuid }
}

/// An event that says nothing beyond the order's facts.
public protocol BareOrderEvent: OrderEvent, DirectJSON {
    init(order: OrderFacts)
}

/// An event that says why an order cannot go on.
public protocol RefusedOrderEvent: OrderEvent, DirectJSON {
    var cause: Cause { get }
    var refusal: Refusal { get }
    init(order: OrderFacts, cause: Cause, refusal: Refusal)
}

/// The order is over and to be undone: every participant gives back and acknowledges, in any state.
public protocol OrderUndone: RefusedOrderEvent, Abort {}

/// A later step failed: what was held may be given back early. Needs no acknowledgement; the order's end asks for that.
public protocol StepFailed: RefusedOrderEvent {}
