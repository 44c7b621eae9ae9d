import PurchaseContracts
import SQLCore
import SagaChoreography

/// How far the gateway has been asked about a payment.
public struct PaymentAsking: Sendable, Hashable {
    public let state: PaymentState
    /// Whether a call may have reached the gateway: from then on only its answer counts.
    public let isAttempted: Bool
    public let attempts: Int
    /// When it is asked again; `nil` once it is decided.
    public let nextAttemptAt: Timestamp?
    public let startedAt: Timestamp
    public let decidedAt: Timestamp?
}

extension PaymentQueries {
    /// How far the gateway has been asked about several orders; those that Payments never heard of are missing.
    ///
    /// - Throws: ``SQLError``.
    public func asking(of orders: [OrderID]) throws -> [OrderID: PaymentAsking] {
        var found: [OrderID: PaymentAsking] = [:]
        for part in BoundedList.parts(of: orders) {
            let rows = try transaction.rows(
                """
                SELECT subject, state, attempted, attempts, next_attempt_at, created_at, decided_at FROM payments_saga
                WHERE subject IN (\(list: part))
                """)
            for row in rows {
                found[OrderID(try row.uuid("subject"))] = PaymentAsking(
                    state: try row.value("state", as: PaymentState.self), isAttempted: try row.bool("attempted"),
                    attempts: try row.int("attempts"),
                    nextAttemptAt: try row.optionalInt64("next_attempt_at").map { Timestamp(milliseconds: $0) },
                    startedAt: Timestamp(milliseconds: try row.int64("created_at")),
                    decidedAt: try row.optionalInt64("decided_at").map { Timestamp(milliseconds: $0) })
            }
        }
        return found
    }
}
