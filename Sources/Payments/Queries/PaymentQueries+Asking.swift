import PurchaseContracts
import SQLCore
import SagaChoreography

/// How far the gateway has been asked about a payment, or about giving it back.
public struct PaymentAsking: Sendable, Hashable {
    public let state: PaymentState
    /// Whether a call may have reached the gateway: from then on only its answer counts.
    public let isAttempted: Bool
    public let attempts: Int
    /// When it is asked again; `nil` once it is decided.
    public let nextAttemptAt: Timestamp?
    public let startedAt: Timestamp
    public let decidedAt: Timestamp?
    /// Where the gateway that was asked keeps its book; before the first call, where it would.
    public let book: GatewayBook
    /// What became of refunds, by refund.
    public let refunds: [RefundID: RefundState]
}

extension PaymentQueries {
    /// How far the gateway has been asked about several orders; those that Payments never heard of are missing.
    ///
    /// - Throws: ``SQLError``.
    public func asking(of orders: [OrderID]) throws -> [OrderID: PaymentAsking] {
        var found: [OrderID: PaymentAsking] = [:]
        for part in BoundedList.parts(of: orders) {
            let refunds = try Dictionary(
                grouping: transaction.rows(
                    """
                    SELECT refund_id, order_id, state, attempts, next_attempt_at, created_at FROM payments_refunds
                    WHERE order_id IN (\(list: part))
                    """)
            ) { OrderID(try $0.uuid("order_id")) }
            let rows = try transaction.rows(
                """
                SELECT subject, state, attempted, attempts, next_attempt_at, created_at, decided_at, book FROM payments_saga
                WHERE subject IN (\(list: part))
                """)
            for row in rows {
                let id = OrderID(try row.uuid("subject"))
                found[id] = try asking(row, refunds[id] ?? [])
            }
        }
        return found
    }

    private func asking(_ payment: SQLRow, _ refunds: [SQLRow]) throws -> PaymentAsking {
        let states = try refunds.map {
            (RefundID(try $0.uuid("refund_id")), try $0.value("state", as: RefundState.self))
        }
        // While a refund is open, it is what the gateway is asked about.
        let open = zip(refunds, states).first { $0.1.1 == .refunding }?.0
        let asked = open ?? payment
        let attempts = try asked.int("attempts")
        return PaymentAsking(
            state: try payment.value("state", as: PaymentState.self),
            isAttempted: try open == nil ? payment.bool("attempted") : attempts > 0, attempts: attempts,
            nextAttemptAt: try asked.optionalInt64("next_attempt_at").map { Timestamp(milliseconds: $0) },
            startedAt: Timestamp(milliseconds: try asked.int64("created_at")),
            decidedAt: try payment.optionalInt64("decided_at").map { Timestamp(milliseconds: $0) },
            book: try payment.value("book", as: GatewayBook.self), refunds: Dictionary(uniqueKeysWithValues: states))
    }
}
