import PurchaseContracts
import SagaChoreography

/// An order, and what Orders has heard of it from the others.
public struct OrderStanding: Sendable, Hashable {
    /// As its client sees it.
    public let view: OrderView
    /// Confirmations and acknowledgements that are in.
    public let noted: Set<EventType>
    /// Those that its present state waits for and that are not in.
    public let missing: [EventType]

    init(_ order: OrderRecord) {
        view = OrderView(order)
        let refund = order.refund
        noted = Set(
            (order.progress.marks.map(\.eventName) + (refund?.marks ?? []).map(\.eventName)).map { EventType($0) })
        missing = (order.progress.missing.map(\.eventName) + (refund?.missing ?? []).map(\.eventName)).map {
            EventType($0)
        }
    }
}

/// How long an order took that is over, for whoever wants to know what is usual.
public struct EndedOrder: Sendable, Hashable {
    public let id: OrderID
    public let state: OrderState
    public let hasCoupon: Bool
    public let orderedAt: Timestamp
    public let endedAt: Timestamp
    public let settledAt: Timestamp
}
