import Coupons
import FoundationEssentials
import Items
import Orders
import Payments
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

    /// Events that say nothing beyond an order's facts, and which refund of it they are about.
    private static let bare = Dictionary(
        PurchaseSystem.participants().flatMap { $0.reactions.flatMap(\.emits) + $0.commands.flatMap(\.emits) }
            .filter { $0 is any BareOrderEvent.Type || $0 is any BareRefundEvent.Type }.map { ($0.type, $0) },
        uniquingKeysWith: { first, _ in first })
    /// What is said of the refund that succeeds, and of no other: an order is refunded once.
    private static let ofSuccess = [
        PaymentRefunded.type, InventoryReturned.type, ItemRestocked.type, WalletCredited.type, OrderRefunded.type,
    ]

    // MARK: What it must have said

    /// An event of this type about this order, as the rows have it now; `nil` if they do not know all of it, or that it happened.
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
        default: return try await bareEvent(of: type, order)
        }
    }

    private func bareEvent(of type: EventType, _ order: OrderID) async throws -> (any Event)? {
        guard let bare = Self.bare[type], try await mayHaveHappened(type, order),
            let facts = try await facts(of: order, in: type)
        else { return nil }
        if let bare = bare as? any BareOrderEvent.Type { return bare.init(order: facts) }
        guard let bare = bare as? any BareRefundEvent.Type, Self.ofSuccess.contains(type),
            let refund = try await successfulRefund(of: order)
        else { return nil }
        return bare.init(order: facts, refundID: refund)
    }

    /// A coupon is asked about before it has given a discount.
    private func facts(of order: OrderID, in type: EventType? = nil) async throws -> OrderFacts? {
        var facts = try await orders.read { try OrderQueries($0).facts(of: order) }
        if type == CouponValidationRequested.type, let total = facts?.total {
            facts?.discount = Money(0)
            facts?.final = total
        }
        return facts
    }

    private func isSettled(_ order: OrderID) async throws -> Bool? {
        try await orders.read { try OrderQueries($0).isSettled(order) }
    }

    private func slotCapacity(of user: UserID) async throws -> Int64? {
        try await databases[UsersParticipant.service].read { try UserQueries($0).user(user)?.slotCapacity }
    }

    /// The refund that has succeeded, or still may.
    private func successfulRefund(of order: OrderID) async throws -> RefundID? {
        let refund = try await orders.read { try OrderQueries($0).order(order)?.refund }
        return refund.flatMap { $0.state == .failed ? nil : $0.id }
    }

    /// Whether an order is where it must be for this to have happened, as far as rows of Orders and Payments tell.
    private func mayHaveHappened(_ type: EventType, _ order: OrderID) async throws -> Bool {
        guard let view = try await orders.read({ try OrderQueries($0).order(order) }) else { return false }
        let isPaid = view.state == .confirmed || view.state == .completed || view.state == .refunded
        switch type {
        case OrderCompleted.type: return view.state == .completed || view.state == .refunded
        case OrderRefunded.type: return view.state == .refunded
        case PaymentProcessed.type:
            let asking = try await databases[PaymentsParticipant.service].read {
                try PaymentQueries($0).asking(of: [order])[order]
            }
            switch asking?.state {
            case .captured, .refunding: return true
            // By a refund: what was given back because of a cancellation was never said to be paid.
            case .refunded: return asking?.refunds.values.contains(.refunded) == true
            case .processing, .declined, .tombstone, nil: return false
            }
        case PaymentConfirmed.type, InventoryConfirmed.type, ItemDeducted.type, CouponUsed.type: return isPaid
        case PaymentRollback.type, InventoryRollback.type, ItemRestored.type, CouponReleased.type:
            return view.state == .failed || view.state == .cancelled
        default: return true
        }
    }

    // MARK: What it may say

    /// Whether the rows say otherwise, or nothing.
    ///
    /// - Throws: ``SQLError``.
    func contradict(_ event: any Event) async throws -> Bool {
        switch event {
        case let event as any BareOrderEvent:
            let type = type(of: event).type
            guard try await mayHaveHappened(type, event.order.id) else { return true }
            return try await contradict(event.order, in: type)
        case let event as any BareRefundEvent:
            let (type, order, refund) = (type(of: event).type, event.order.id, event.refundID)
            guard try await mayHaveHappened(type, order),
                try await orders.read({ try OrderQueries($0).hasRefund(refund, of: order) })
            else { return true }
            if Self.ofSuccess.contains(type), try await successfulRefund(of: order) != refund { return true }
            return try await contradict(event.order, in: type)
        case let event as PaymentReserved:
            guard try await slotCapacity(of: event.order.userID) == event.slotCapacity else { return true }
            return try await contradict(event.order, in: PaymentReserved.type)
        // Those of orders, not of steps: of the latter the rows know nothing, and no event is made here.
        case let event as any RefusedOrderEvent:
            let type = type(of: event).type
            let known = try await self.event(of: type, event.order.id) as? any RefusedOrderEvent
            guard known?.cause == event.cause, known?.refusal == event.refusal else { return true }
            return try await contradict(event.order, in: type)
        case let event as OrderSettled: return try await self.event(of: OrderSettled.type, event.orderID) == nil
        case let event as OrderResync: return try await self.event(of: OrderResync.type, event.orderID) == nil
        case let event as CouponExpiringWarning: return try await contradict(event)
        case let event as ItemCreated: return try await contradict(event.item)
        case let event as ItemChanged: return try await contradict(event.item)
        default: return true
        }
    }

    /// Lines may come in any order.
    private func contradict(_ said: OrderFacts, in type: EventType) async throws -> Bool {
        guard var known = try await facts(of: said.id, in: type) else { return true }
        var said = said
        said.lines.sort { $0.itemID < $1.itemID }
        known.lines.sort { $0.itemID < $1.itemID }
        return said != known
    }

    private func contradict(_ warning: CouponExpiringWarning) async throws -> Bool {
        try await databases[CouponsParticipant.service].read { transaction in
            let queries = CouponQueries(transaction)
            guard let copy = try queries.userCoupon(warning.userCouponID), copy.couponID == warning.couponID,
                copy.userID == warning.userID, copy.period.until == warning.expiresAt, try queries.isWarned(copy.id),
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
