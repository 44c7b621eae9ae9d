import PurchaseContracts
import SagaChoreography

/// What a service's events say of its state row: one row of the table in docs/saga.md, as an observer reads it.
///
/// The choreography says who reacts to what; only this says what the reaction left behind. Tests hold it against the graph and against
/// the rows of played orders.
struct StepRule: Sendable {
    let service: ServiceID
    /// Says that something was taken, that it was refused, that it is kept for good, that it was given back.
    let takes: EventType
    let refuses: EventType
    let keeps: EventType
    let returns: EventType
    /// The states that follow.
    let kept: String
    let returned: String

    static let held = "HELD"
    static let rejected = "REJECTED"
    static let tombstone = "TOMB"

    static let all: [StepRule] = [
        StepRule(
            service: "coupons", takes: CouponValidated.type, refuses: CouponValidationFailed.type,
            keeps: CouponUsed.type, returns: CouponReleased.type, kept: "USED", returned: "RELEASED"),
        StepRule(
            service: "users", takes: PaymentReserved.type, refuses: UserValidationFailed.type,
            keeps: PaymentConfirmed.type, returns: PaymentRollback.type, kept: "CAPTURED", returned: "RELEASED"),
        StepRule(
            service: "inventory", takes: InventoryReserved.type, refuses: InventoryReservationFailed.type,
            keeps: InventoryConfirmed.type, returns: InventoryRollback.type, kept: "GRANTED", returned: "RELEASED"),
        StepRule(
            service: "items", takes: ItemReserved.type, refuses: ItemReservationFailed.type,
            keeps: ItemDeducted.type, returns: ItemRestored.type, kept: "SOLD", returned: "RESTORED"),
    ]

    static let byService = Dictionary(uniqueKeysWithValues: all.map { ($0.service, $0) })

    /// The state after an event of the service, if it was in `state` before; `nil`: the event says nothing of it.
    func state(after event: EventType, from state: String?) -> String? {
        switch event {
        case takes: Self.held
        case refuses: Self.rejected
        case keeps: kept
        case returns: state == Self.held ? returned : state ?? Self.tombstone
        default: nil
        }
    }

    /// The events that must have happened for the service to be in `state`. A row that was given back says nothing of the
    /// acknowledgement: that is for Orders to have noted.
    func events(behind state: String) -> [EventType] {
        switch state {
        case Self.tombstone: []
        case Self.rejected: [refuses]
        case Self.held, returned: [takes]
        // Of states that come later (a refund) the same is true.
        default: [takes, keeps]
        }
    }
}

/// The states of Payments and Orders that an event leaves behind.
enum OtherSteps {
    static let payments: ServiceID = "payments"
    static let orders: ServiceID = "orders"

    /// What Orders is in after one of its own events; `nil` if that says nothing of it.
    static func orderState(after event: EventType) -> String? {
        switch event {
        case CouponValidationRequested.type: "PENDING"
        case OrderCreated.type: "PROCESSING"
        case OrderCompleted.type: "COMPLETED"
        case OrderFailed.type: "FAILED"
        case OrderCancelled.type: "CANCELLED"
        default: nil
        }
    }

    /// Whether an event says no.
    static func isRefusal(_ event: EventType) -> Bool {
        event == PaymentFailed.type || RefundSteps.refusals.contains(event)
            || StepRule.all.contains { $0.refuses == event }
    }

    /// What makes Orders give up while the steps run.
    static let failures: [EventType] =
        [PaymentFailed.type] + StepRule.all.dropFirst().reversed().map(\.refuses)
}
