import FoundationEssentials
import SagaChoreography

/// Orders asks Coupons to validate and hold the coupon of `order.coupon` before anything else happens.
public struct CouponValidationRequested: BareOrderEvent {
    public static let type: EventType = "coupon.validation.requested"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}

/// The amount is final; the steps begin.
public struct OrderCreated: BareOrderEvent {
    public static let type: EventType = "order.created"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}

/// The user, an admin or the deadline wants the order undone; Payments decides, for only it knows whether money moved.
public struct OrderCancelRequested: RefusedOrderEvent {
    public static let type: EventType = "order.cancel.requested"
    public var order: OrderFacts
    public var cause: Cause
    public var refusal: Refusal

    public init(order: OrderFacts, cause: Cause, refusal: Refusal) {
        self.order = order
        self.cause = cause
        self.refusal = refusal
    }
}

/// The order failed: everything is to be undone.
public struct OrderFailed: OrderUndone {
    public static let type: EventType = "order.failed"
    public var order: OrderFacts
    public var cause: Cause
    public var refusal: Refusal

    public init(order: OrderFacts, cause: Cause, refusal: Refusal) {
        self.order = order
        self.cause = cause
        self.refusal = refusal
    }
}

/// The order was cancelled by its user: everything is to be undone.
public struct OrderCancelled: OrderUndone {
    public static let type: EventType = "order.cancelled"
    public var order: OrderFacts
    public var cause: Cause
    public var refusal: Refusal

    public init(order: OrderFacts, cause: Cause, refusal: Refusal) {
        self.order = order
        self.cause = cause
        self.refusal = refusal
    }
}

/// Paid, granted, sold.
public struct OrderCompleted: BareOrderEvent {
    public static let type: EventType = "order.completed"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}

/// Every acknowledgement is in: services close their rows of this order.
public struct OrderSettled: Event {
    public static let type: EventType = "order.settled"
    public var orderID: OrderID
    public var subject: UUID? { orderID.uuid }

    public init(orderID: OrderID) { self.orderID = orderID }
}

/// The order is not settled for too long: every participant sends again what it still has of it.
public struct OrderResync: Event {
    public static let type: EventType = "order.resync"
    public var orderID: OrderID
    public var subject: UUID? { orderID.uuid }

    public init(orderID: OrderID) { self.orderID = orderID }
}
