import FoundationEssentials
import SagaChoreography

/// Slots for every line are held.
public struct InventoryReserved: BareOrderEvent {
    public static let type: EventType = "inventory.reserved"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}

/// The slots do not suffice; nothing was taken.
public struct InventoryReservationFailed: StepFailed {
    public static let type: EventType = "inventory.reservation.failed"
    public var order: OrderFacts
    public var cause: Cause
    public var refusal: Refusal

    public init(order: OrderFacts, cause: Cause, refusal: Refusal) {
        self.order = order
        self.cause = cause
        self.refusal = refusal
    }
}

/// Acknowledges an undone order: no slot is held for it.
public struct InventoryRollback: BareOrderEvent {
    public static let type: EventType = "inventory.rollback"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}

/// The goods are in the user's inventory.
public struct InventoryConfirmed: BareOrderEvent {
    public static let type: EventType = "inventory.confirmed"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}
