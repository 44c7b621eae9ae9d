import PurchaseContracts
import SagaChoreography

/// What a check across services compares an order with.
public struct OrderSettlement: Sendable, Hashable {
    public let id: OrderID
    public let userID: UserID
    public let state: OrderState
    public let isSettled: Bool
    public let total: Money
    public let discount: Money
    public let final: Money
    public let currency: Currency
    public let quantities: [ItemID: Int64]
    public let hasCoupon: Bool
    public let userCouponID: UserCouponID?
    public let cause: Cause?
    /// Due acknowledgements that are not in; empty for a settled order.
    public let missing: [EventType]

    init(_ order: OrderRecord) {
        id = order.facts.id
        userID = order.facts.userID
        state = order.progress.state
        isSettled = order.progress.isSettled
        total = order.facts.total
        discount = order.facts.discount
        final = order.facts.final
        currency = order.facts.currency
        quantities = Dictionary(order.facts.lines.map { ($0.itemID, $0.quantity) }, uniquingKeysWith: +)
        hasCoupon = order.facts.coupon != nil
        userCouponID = order.userCouponID
        cause = order.ending?.cause
        missing = (order.progress.missing.map(\.eventName) + (order.refund?.missing ?? []).map(\.eventName)).map {
            EventType($0)
        }
    }
}

/// An order that is not over yet.
public struct UnsettledOrder: Sendable, Hashable {
    public let id: OrderID
    public let state: OrderState
    /// When it last made progress.
    public let since: Timestamp
}

/// What an unsettled order waits for.
public struct OrderWaiting: Sendable, Hashable {
    /// Any of these events moves the order on; their types are stable slugs.
    public let events: [EventType]
    public let since: Timestamp
    public let deadline: Timestamp
}
