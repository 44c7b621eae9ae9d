import FoundationEssentials
import SagaChoreography

/// Every line is reserved.
public struct ItemReserved: BareOrderEvent {
    public static let type: EventType = "item.reserved"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}

/// A line is off sale or short; nothing was taken.
public struct ItemReservationFailed: StepFailed {
    public static let type: EventType = "item.reservation.failed"
    public var order: OrderFacts
    public var cause: Cause
    public var refusal: Refusal

    public init(order: OrderFacts, cause: Cause, refusal: Refusal) {
        self.order = order
        self.cause = cause
        self.refusal = refusal
    }
}

/// Acknowledges an undone order: no stock is reserved for it.
public struct ItemRestored: BareOrderEvent {
    public static let type: EventType = "item.restored"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}

/// The reserved stock was sold.
public struct ItemDeducted: BareOrderEvent {
    public static let type: EventType = "item.deducted"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}

/// An inventory manager asks for a reservation to be cancelled; the row changes only by the saga.
public struct ItemReservationCancelRequested: OrderEvent {
    public static let type: EventType = "item.reservation.cancel.requested"
    public var order: OrderFacts
    public var cause: Cause
    public var refusal: Refusal
    /// What the manager gave as reason.
    public var reason: String

    public init(order: OrderFacts, cause: Cause, refusal: Refusal, reason: String) {
        self.order = order
        self.cause = cause
        self.refusal = refusal
        self.reason = reason
    }
}

/// An item as others may know it: Orders keeps names, prices and categories from this.
public struct CatalogEntry: Sendable, Codable, Hashable {
    public var itemID: ItemID
    public var name: String
    public var categoryID: CategoryID?
    public var price: Money
    public var isOnSale: Bool
    /// Counts changes of this item, from 1: an older entry never overwrites a newer one.
    public var revision: Int64

    public init(
        itemID: ItemID, name: String, categoryID: CategoryID?, price: Money, isOnSale: Bool, revision: Int64
    ) {
        self.itemID = itemID
        self.name = name
        self.categoryID = categoryID
        self.price = price
        self.isOnSale = isOnSale
        self.revision = revision
    }
}

/// An item was added to the catalogue.
public struct ItemCreated: Event {
    public static let type: EventType = "item.created"
    public var item: CatalogEntry
    public var subject: UUID? { nil }

    public init(item: CatalogEntry) { self.item = item }
}

/// Name, price, category or sale of an item changed.
public struct ItemChanged: Event {
    public static let type: EventType = "item.changed"
    public var item: CatalogEntry
    public var subject: UUID? { nil }

    public init(item: CatalogEntry) { self.item = item }
}
