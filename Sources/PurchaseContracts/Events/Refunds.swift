import FoundationEssentials
import SagaChoreography

// The refund saga: an admin reverses a completed order. Its events are about the order, so that they are sent again with it, and
// carry the refund's id, which each participant compares: an order may be refused a refund and get the next one.

/// An event about the refund of an order.
public protocol RefundEvent: OrderEvent {
    var refundID: RefundID { get }
}

/// A refund event that says nothing beyond the order's facts and the refund's id.
public protocol BareRefundEvent: RefundEvent, DirectJSON {
    init(order: OrderFacts, refundID: RefundID)
}

/// A refund event that says why the refund cannot go on.
public protocol RefusedRefundEvent: RefundEvent, DirectJSON {
    var refusal: Refusal { get }
    init(order: OrderFacts, refundID: RefundID, refusal: Refusal)
}

/// An admin wants a completed order reversed.
public struct OrderRefundRequested: RefundEvent, DirectJSON {
    public static let type: EventType = "order.refund.requested"
    public var order: OrderFacts
    public var refundID: RefundID
    /// What the admin gave as reason.
    public var reason: String
    public var actor: UserID

    public init(order: OrderFacts, refundID: RefundID, reason: String, actor: UserID) {
        self.order = order
        self.refundID = refundID
        self.reason = reason
        self.actor = actor
    }
}

/// The goods are set aside for their return: the user can no longer use them.
public struct InventoryReturnHeld: BareRefundEvent {
    public static let type: EventType = "inventory.return.held"
    public var order: OrderFacts
    public var refundID: RefundID

    public init(order: OrderFacts, refundID: RefundID) {
        self.order = order
        self.refundID = refundID
    }
}

/// The user no longer has the goods; nothing was taken.
public struct InventoryReturnRefused: RefusedRefundEvent {
    public static let type: EventType = "inventory.return.refused"
    public var order: OrderFacts
    public var refundID: RefundID
    public var refusal: Refusal

    public init(order: OrderFacts, refundID: RefundID, refusal: Refusal) {
        self.order = order
        self.refundID = refundID
        self.refusal = refusal
    }
}

/// The refund's pivot: the gateway gave the money back. From here on everything is retried until it succeeds.
public struct PaymentRefunded: BareRefundEvent {
    public static let type: EventType = "payment.refunded"
    public var order: OrderFacts
    public var refundID: RefundID

    public init(order: OrderFacts, refundID: RefundID) {
        self.order = order
        self.refundID = refundID
    }
}

/// The gateway keeps the money: what was set aside is the user's again.
public struct PaymentRefundRefused: RefusedRefundEvent {
    public static let type: EventType = "payment.refund.refused"
    public var order: OrderFacts
    public var refundID: RefundID
    public var refusal: Refusal

    public init(order: OrderFacts, refundID: RefundID, refusal: Refusal) {
        self.order = order
        self.refundID = refundID
        self.refusal = refusal
    }
}

/// Acknowledges a refund that the gateway refused: the goods are the user's as before.
public struct InventoryReturnCancelled: RefusedRefundEvent {
    public static let type: EventType = "inventory.return.cancelled"
    public var order: OrderFacts
    public var refundID: RefundID
    public var refusal: Refusal

    public init(order: OrderFacts, refundID: RefundID, refusal: Refusal) {
        self.order = order
        self.refundID = refundID
        self.refusal = refusal
    }
}

/// The goods have left the user's inventory.
public struct InventoryReturned: BareRefundEvent {
    public static let type: EventType = "inventory.returned"
    public var order: OrderFacts
    public var refundID: RefundID

    public init(order: OrderFacts, refundID: RefundID) {
        self.order = order
        self.refundID = refundID
    }
}

/// The sold pieces can be sold again.
public struct ItemRestocked: BareRefundEvent {
    public static let type: EventType = "item.restocked"
    public var order: OrderFacts
    public var refundID: RefundID

    public init(order: OrderFacts, refundID: RefundID) {
        self.order = order
        self.refundID = refundID
    }
}

/// The final amount is in the wallet again.
public struct WalletCredited: BareRefundEvent {
    public static let type: EventType = "wallet.credited"
    public var order: OrderFacts
    public var refundID: RefundID

    public init(order: OrderFacts, refundID: RefundID) {
        self.order = order
        self.refundID = refundID
    }
}

/// Money, goods and stock are back where they came from.
public struct OrderRefunded: BareRefundEvent {
    public static let type: EventType = "order.refunded"
    public var order: OrderFacts
    public var refundID: RefundID

    public init(order: OrderFacts, refundID: RefundID) {
        self.order = order
        self.refundID = refundID
    }
}

/// The refund came to nothing: the order is completed as before, and the next refund may be opened. For observers.
public struct OrderRefundFailed: RefusedRefundEvent {
    public static let type: EventType = "order.refund.failed"
    public static let isTerminal = true
    public var order: OrderFacts
    public var refundID: RefundID
    public var refusal: Refusal

    public init(order: OrderFacts, refundID: RefundID, refusal: Refusal) {
        self.order = order
        self.refundID = refundID
        self.refusal = refusal
    }
}
