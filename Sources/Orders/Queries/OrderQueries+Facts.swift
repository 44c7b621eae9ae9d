import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

extension OrderQueries {
    /// A resync with what it led to: whether its order went on since, or was settled. Other operations as they are.
    ///
    /// - Throws: ``SQLError``.
    public func observed(_ operation: Intervention) throws -> Intervention {
        guard operation.kind == .resync, !operation.isDone, let id = operation.items.first?.subject,
            let order = try order(OrderID(id))
        else { return operation }
        if let settled = order.settledAt { return operation.observed("settled", at: settled) }
        guard order.updatedAt > operation.requestedAt else { return operation }
        return operation.observed("went on, \(order.state.rawValue) now", at: order.updatedAt)
    }

    /// Whether a refund was opened of this very order.
    ///
    /// - Throws: ``SQLError``.
    public func hasRefund(_ refund: RefundID, of order: OrderID) throws -> Bool {
        try RefundStore(transaction).refund(refund)?.orderID == order
    }

    /// An order's facts as they are now; `nil` if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func facts(of order: OrderID) throws -> OrderFacts? { try OrderStore(transaction).order(order)?.facts }

    /// What was said when an order failed or was cancelled; `nil` if it did not, and if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func undone(_ order: OrderID) throws -> (any OrderUndone)? {
        guard let order = try OrderStore(transaction).order(order), let ending = order.ending else { return nil }
        return switch order.progress.state {
        case .failed: OrderFailed(order: order.facts, cause: ending.cause, refusal: ending.refusal)
        case .cancelled: OrderCancelled(order: order.facts, cause: ending.cause, refusal: ending.refusal)
        default: nil
        }
    }

    /// What was said when an order was to be cancelled while its steps ran; `nil` if it never was, and if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func cancelRequest(of order: OrderID) throws -> OrderCancelRequested? {
        guard let order = try OrderStore(transaction).order(order), let cancel = order.cancel else { return nil }
        return OrderCancelRequested(order: order.facts, cause: cancel.cause, refusal: cancel.refusal)
    }

    /// Whether an order is settled; `nil` if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func isSettled(_ order: OrderID) throws -> Bool? {
        try OrderStore(transaction).order(order)?.progress.isSettled
    }
}
