import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The row per refund of a completed order. The payment's own row is locked before it.
struct RefundStore {
    private let step: SQLStep
    private var transaction: any SQLTransaction { step.transaction }
    private var now: Int64 { step.now.milliseconds }

    init(_ step: SQLStep) { self.step = step }

    private static let columns: StaticString = "refund_id, order_id, state, attempts, caused_by, traceparent"

    /// `nil` if Payments never heard of it.
    func refund(_ id: RefundID) throws -> Refund? {
        try transaction.first("SELECT \(fixed: Self.columns) FROM payments_refunds WHERE refund_id = \(id)")
            .map(Self.refund)
    }

    /// Every refund of an order, the oldest first.
    func refunds(of order: OrderID) throws -> [Refund] {
        try transaction.rows(
            "SELECT \(fixed: Self.columns) FROM payments_refunds WHERE order_id = \(order) ORDER BY refund_id"
        ).map(Self.refund)
    }

    private static func refund(_ row: SQLRow) throws -> Refund {
        Refund(
            id: RefundID(try row.uuid("refund_id")), orderID: OrderID(try row.uuid("order_id")),
            state: try row.value("state", as: RefundState.self), attempts: try row.int("attempts"),
            origin: Origin(
                event: try row.optionalUUID("caused_by"), traceparent: try row.optionalText("traceparent")))
    }

    /// Opens a refund of a captured payment: the gateway is to be asked, unless nothing was paid.
    func open(_ id: RefundID, of payment: Payment, origin: Origin) throws {
        let isDecided = payment.order.final == .zero
        let state: RefundState = isDecided ? .refunded : .refunding
        try guarded(
            """
            INSERT INTO payments_refunds (refund_id, order_id, state, attempts, next_attempt_at, caused_by, traceparent,
                created_at, updated_at, decided_at)
            VALUES (\(id), \(payment.order.id), \(state.rawValue), 0, \(isDecided ? nil : now), \(origin.event),
                \(origin.traceparent), \(now), \(now), \(isDecided ? now : nil))
            ON CONFLICT (refund_id) DO NOTHING
            """)
        try guarded(
            """
            UPDATE payments_saga SET state = \(isDecided ? "REFUNDED" : "REFUNDING"), settled = \(false),
                decided_at = COALESCE(\(isDecided ? now : nil), decided_at), updated_at = \(now)
            WHERE subject = \(payment.order.id) AND state = 'CAPTURED'
            """)
        if !isDecided { transaction.announce(GatewayDesk.Due(at: step.now)) }
    }

    /// Writes what a gateway's answer makes of a refund and of its payment.
    func apply(_ transition: RefundTransition, of answer: GatewayAnswer, to refund: Refund) throws {
        let note = answer.verdict.note
        switch transition {
        case .stale:
            break
        case .giveBack:
            try decide(refund, as: .refunded, note)
            try guarded(
                """
                UPDATE payments_saga SET state = 'REFUNDED', refunded_amount = captured_amount, last_answer = \(note),
                    decided_at = \(now), updated_at = \(now)
                WHERE subject = \(refund.orderID) AND state = 'REFUNDING'
                """)
        case .keep:
            try decide(refund, as: .refused, note)
            try guarded(
                """
                UPDATE payments_saga SET state = 'CAPTURED', last_answer = \(note), updated_at = \(now)
                WHERE subject = \(refund.orderID) AND state = 'REFUNDING'
                """)
        case .askAgain:
            try guarded(
                """
                UPDATE payments_refunds SET next_attempt_at = \((step.now + answer.retryAfter).milliseconds),
                    last_answer = \(note), updated_at = \(now)
                WHERE refund_id = \(refund.id) AND state = 'REFUNDING' AND attempts = \(answer.call.attempt)
                """)
            transaction.announce(GatewayDesk.Due(at: step.now + answer.retryAfter))
        }
    }

    private func decide(_ refund: Refund, as state: RefundState, _ note: String) throws {
        try guarded(
            """
            UPDATE payments_refunds SET state = \(state.rawValue), next_attempt_at = NULL, last_answer = \(note),
                decided_at = \(now), updated_at = \(now)
            WHERE refund_id = \(refund.id) AND state = 'REFUNDING'
            """)
    }

    /// Leases what is due; committed to before the first call, as charges are. What another gateway charged only that one can give back:
    /// it waits until that is configured again.
    func claimDue(limit: Int, until leaseEnd: Timestamp, book: GatewayBook) throws -> [ClaimedPayment] {
        let rows = try transaction.rows(
            """
            UPDATE payments_refunds SET attempts = attempts + 1, next_attempt_at = \(leaseEnd.milliseconds),
                updated_at = \(now)
            WHERE refund_id \(fixed: transaction.dialect.isOne)
                SELECT refund_id FROM payments_refunds WHERE state = 'REFUNDING' AND next_attempt_at <= \(now)
                    AND EXISTS (SELECT 1 FROM payments_saga WHERE subject = order_id AND book = \(book.rawValue))
                ORDER BY next_attempt_at, refund_id LIMIT \(limit)\(fixed: transaction.dialect.ofThose)
            RETURNING \(fixed: Self.columns)
            """)
        guard !rows.isEmpty else { return [] }
        let refunds = try rows.map(Self.refund)
        var charges: [OrderID: SQLRow] = [:]
        for part in BoundedList.parts(of: refunds.map(\.orderID)) {
            let found = try transaction.rows(
                "SELECT subject, amount, currency, gateway_reference FROM payments_saga WHERE subject IN (\(list: part))"
            )
            for row in found { charges[OrderID(try row.uuid("subject"))] = row }
        }
        return try refunds.map { refund in
            guard let charge = charges[refund.orderID] else {
                throw SQLError(.shape, "payments_refunds: a refund of an order without payment")
            }
            return try PaymentRow.claim(of: refund, charge)
        }.sorted { $0.orderID < $1.orderID }
    }

    private func guarded(_ statement: SQLStatement) throws {
        guard try transaction.changesOne(statement) else {
            throw SQLError(.busy, "payments_refunds: another transaction changed the row first")
        }
    }
}
