import Audit
import FoundationEssentials
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Looks for what a settled order must have left in the audit trail. What waits in the outbox is not recorded yet, and not missing.
struct AuditedOrderCheck {
    private let transaction: any SQLTransaction
    /// Orders from then on are in the log, see ``AuditQueries/coveredSince()``.
    private let since: Timestamp

    /// `nil` while nobody records.
    ///
    /// - Throws: ``SQLError``.
    init?(_ transaction: any SQLTransaction) throws {
        guard let since = try AuditQueries(transaction).coveredSince() else { return nil }
        self.transaction = transaction
        self.since = since
    }

    /// What is missing of these orders.
    ///
    /// - Throws: ``SQLError``.
    func violations(of orders: [OrderSettlement]) throws -> [VerifyReport.Violation] {
        let lacking = try lacking(of: orders)
        // The outbox is looked through as a whole, and few orders need it.
        guard !lacking.isEmpty else { return [] }
        return Self.violations(
            lacking, waiting: try OutboxReader.types(of: lacking.map(\.order.id.uuid), in: transaction))
    }

    /// Steps of these orders that are not in the log.
    ///
    /// - Throws: ``SQLError``.
    func lacking(of orders: [OrderSettlement]) throws -> [(order: OrderSettlement, steps: [String])] {
        let covered = orders.filter { order in order.id.uuid.madeAt.map { $0 >= since } ?? false }
        let ids = covered.map(\.id.uuid)
        let recorded = try AuditQueries(transaction).actions(of: ids)
        return covered.compactMap { order -> (order: OrderSettlement, steps: [String])? in
            let there = recorded[order.id.uuid] ?? []
            let steps = Self.steps(of: order).map(\.name).filter { !there.contains($0) }
            return steps.isEmpty ? nil : (order, steps)
        }
    }

    /// What of that does not wait either.
    static func violations(
        _ lacking: [(order: OrderSettlement, steps: [String])], waiting: [UUID: Set<String>]
    ) -> [VerifyReport.Violation] {
        lacking.compactMap { order, steps in
            let missing = steps.filter { waiting[order.id.uuid]?.contains($0) != true }
            guard !missing.isEmpty else { return nil }
            return VerifyReport.Violation(
                check: "audit.settled-complete", sentence: "every step of a settled order is in the audit trail",
                what: "order \(order.id): \(missing.joined(separator: ", "))")
        }
    }

    private static let refund: [EventType] = [
        OrderRefundRequested.type, InventoryReturnHeld.type, PaymentRefunded.type, InventoryReturned.type,
        ItemRestocked.type, WalletCredited.type, OrderRefunded.type,
    ]

    /// The events without which no order comes to this end, whatever way it took.
    static func steps(of order: OrderSettlement) -> [EventType] {
        let hasCoupon = order.hasCoupon
        switch order.state {
        case .completed, .refunded:
            return [
                OrderCreated.type, UserValidated.type, PaymentReserved.type, InventoryReserved.type,
                ItemReserved.type, PaymentProcessed.type, PaymentConfirmed.type, InventoryConfirmed.type,
                ItemDeducted.type, OrderCompleted.type, OrderSettled.type,
            ] + (hasCoupon ? [CouponValidationRequested.type, CouponValidated.type, CouponUsed.type] : [])
                + (order.state == .refunded ? refund : [])
        case .failed, .cancelled:
            return [
                order.state == .failed ? OrderFailed.type : OrderCancelled.type, PaymentRollback.type,
                InventoryRollback.type, ItemRestored.type, OrderSettled.type,
            ] + (hasCoupon ? [CouponValidationRequested.type, CouponReleased.type] : [OrderCreated.type])
        case .pending, .processing, .confirmed: return []
        }
    }
}
