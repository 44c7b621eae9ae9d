import Coupons
import FoundationEssentials
import Items
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import Users

/// What the services' rows know of an event: what it must have said, and whether it may say so after an edit. Whatever an event
/// decides by itself (a discount, the refusal of a step) nobody may make up.
///
/// Whoever keeps no row of an order never knows that it is settled, so what cannot be read there is got rid of by an edit alone. Of every
/// event that such a consumer handles, the rows know all.
struct KnownFacts {
    private let databases: ServiceDatabases
    private var orders: any SQLDatabase { databases[OrdersParticipant.service] }

    init(_ databases: ServiceDatabases) { self.databases = databases }

    /// Events that say nothing beyond an order's facts. (Of a refund's events it cannot be told of which refund of the order they are.)
    private static let bare = Dictionary(
        PurchaseSystem.participants().flatMap { $0.reactions.flatMap(\.emits) + $0.commands.flatMap(\.emits) }
            .compactMap { $0 as? any BareOrderEvent.Type }.map { ($0.type, $0) },
        uniquingKeysWith: { first, _ in first })

    // MARK: What it must have said

    /// An event of this type about this order, as the rows have it; `nil` if they do not know all of it.
    ///
    /// - Throws: ``SQLError``.
    func event(of type: EventType, _ order: OrderID) async throws -> (any Event)? {
        switch type {
        case OrderFailed.type, OrderCancelled.type:
            let undone = try await orders.read { try OrderQueries($0).undone(order) }
            return undone.flatMap { Swift.type(of: $0).type == type ? $0 : nil }
        case OrderCancelRequested.type: return try await orders.read { try OrderQueries($0).cancelRequest(of: order) }
        case OrderSettled.type: return try await isSettled(order) == true ? OrderSettled(orderID: order) : nil
        // It asks for what is sent anyway, and may be asked for at any time.
        case OrderResync.type: return try await isSettled(order) != nil ? OrderResync(orderID: order) : nil
        case PaymentReserved.type:
            guard let facts = try await facts(of: order), let capacity = try await slotCapacity(of: facts.userID) else {
                return nil
            }
            return PaymentReserved(order: facts, slotCapacity: capacity)
        default:
            guard let type = Self.bare[type] else { return nil }
            return try await facts(of: order).map { type.init(order: $0) }
        }
    }

    private func facts(of order: OrderID) async throws -> OrderFacts? {
        try await orders.read { try OrderQueries($0).facts(of: order) }
    }

    private func isSettled(_ order: OrderID) async throws -> Bool? {
        try await orders.read { try OrderQueries($0).isSettled(order) }
    }

    private func slotCapacity(of user: UserID) async throws -> Int64? {
        try await databases[UsersParticipant.service].read { try UserQueries($0).user(user)?.slotCapacity }
    }

    // MARK: What it may say

    /// Whether the rows say otherwise, or nothing.
    ///
    /// - Throws: ``SQLError``.
    func contradict(_ event: any Event) async throws -> Bool {
        switch event {
        case let event as any BareOrderEvent: return try await contradict(event.order)
        case let event as any BareRefundEvent:
            let (order, refund) = (event.order.id, event.refundID)
            guard try await orders.read({ try OrderQueries($0).hasRefund(refund, of: order) }) else { return true }
            return try await contradict(event.order)
        case let event as PaymentReserved:
            guard try await slotCapacity(of: event.order.userID) == event.slotCapacity else { return true }
            return try await contradict(event.order)
        // Those of orders, not of steps: of the latter the rows know nothing, and no event is made here.
        case let event as any RefusedOrderEvent:
            let known = try await self.event(of: type(of: event).type, event.order.id) as? any RefusedOrderEvent
            guard known?.cause == event.cause, known?.refusal == event.refusal else { return true }
            return try await contradict(event.order)
        case let event as OrderSettled: return try await self.event(of: OrderSettled.type, event.orderID) == nil
        case let event as OrderResync: return try await self.event(of: OrderResync.type, event.orderID) == nil
        case let event as CouponExpiringWarning: return try await contradict(event)
        case let event as ItemCreated: return try await contradict(event.item)
        case let event as ItemChanged: return try await contradict(event.item)
        default: return true
        }
    }

    private func contradict(_ facts: OrderFacts) async throws -> Bool {
        try await orders.read { try OrderQueries($0).contradicts(facts) }
    }

    private func contradict(_ warning: CouponExpiringWarning) async throws -> Bool {
        try await databases[CouponsParticipant.service].read { transaction in
            let queries = CouponQueries(transaction)
            guard let copy = try queries.userCoupon(warning.userCouponID), copy.couponID == warning.couponID,
                copy.userID == warning.userID, copy.period.until == warning.expiresAt,
                let coupon = try queries.coupon(warning.couponID)
            else { return true }
            return coupon.rule.code != warning.code
        }
    }

    /// An item is as it is now. What its entry said before is of no use to anybody.
    private func contradict(_ entry: CatalogEntry) async throws -> Bool {
        let item = try await databases[ItemsParticipant.service].read { try ItemQueries($0).item(entry.itemID) }
        return item?.catalogEntry != entry
    }
}
