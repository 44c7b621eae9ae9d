import PurchaseContracts
import SQLCore
import SagaChoreography

extension PaymentStore {
    /// Writes that the gateway captured payments of which nobody asked to be cancelled.
    ///
    /// - Throws: ``SQLError`` `.busy` if one is not as it was read; ``WrongSupposition`` if it is not as was supposed.
    func capture(_ captured: [(order: OrderID, reference: String)]) throws {
        let now = SQLValue.integer(step.now.milliseconds)
        let raced = step.refusal(SQLError(.busy, "payments_saga: another transaction changed a row first"))
        try Self.captures.later(captured, in: step.transaction, else: raced) { order, reference in
            [order.sqlValue, .text(reference), .text(GatewayVerdict.captured(reference: reference).note), now]
        }
    }

    /// `state || ''`: else PostgreSQL finds the rows by the index of what is due, and compares each payment under way with each answer.
    private static let captures = ManyRows(
        changing: """
            payments_saga SET state = 'CAPTURED', next_attempt_at = NULL, captured_amount = amount,
                gateway_reference = new.column2, last_answer = new.column3, decided_at = new.column4,
                updated_at = new.column4
            """, columns: [.uuid, .text, .text, .integer],
        where: "subject = new.column1 AND state || '' = 'PROCESSING' AND phase = 'charge' AND cancel_cause IS NULL")

    /// Writes what a gateway's answer makes of a payment, guarded by the state and phase that were read.
    func apply(_ transition: PaymentTransition, of answer: GatewayAnswer, to payment: Payment) throws {
        let id = payment.order.id
        let now = step.now.milliseconds
        let note = answer.verdict.note
        switch transition {
        case .stale:
            break
        case .capture(let reference):
            try capture([(id, reference)])
        case .giveBack(let reference):
            // Committed before the refund is asked for, and due at once.
            try guarded(
                """
                UPDATE payments_saga SET phase = 'refund', attempts = 0, next_attempt_at = \(now),
                    captured_amount = amount, gateway_reference = \(reference), last_answer = \(note),
                    updated_at = \(now)
                WHERE subject = \(id) AND state = 'PROCESSING' AND phase = 'charge' AND cancel_cause IS NOT NULL
                """)
            step.transaction.announce(GatewayDesk.Due(at: step.now))
        case .decline(let failure):
            try guarded(
                """
                UPDATE payments_saga SET state = 'DECLINED', next_attempt_at = NULL,
                    failure_code = \(failure.refusal.code.rawValue), last_answer = \(note), decided_at = \(now),
                    updated_at = \(now)
                WHERE subject = \(id) AND state = 'PROCESSING' AND phase = 'charge'
                """)
        case .refund(let failure):
            try guarded(
                """
                UPDATE payments_saga SET state = 'REFUNDED', next_attempt_at = NULL, refunded_amount = captured_amount,
                    failure_code = \(failure.refusal.code.rawValue), last_answer = \(note), decided_at = \(now),
                    updated_at = \(now)
                WHERE subject = \(id) AND state = 'PROCESSING' AND phase = 'refund'
                """)
        case .keepCapture:
            try guarded(
                """
                UPDATE payments_saga SET state = 'CAPTURED', next_attempt_at = NULL, last_answer = \(note),
                    decided_at = \(now), updated_at = \(now)
                WHERE subject = \(id) AND state = 'PROCESSING' AND phase = 'refund'
                """)
        case .askAgain:
            try guarded(
                """
                UPDATE payments_saga SET next_attempt_at = \((step.now + answer.retryAfter).milliseconds),
                    last_answer = \(note), updated_at = \(now)
                WHERE subject = \(id) AND state = 'PROCESSING' AND attempts = \(answer.call.attempt)
                """)
            step.transaction.announce(GatewayDesk.Due(at: step.now + answer.retryAfter))
        }
    }
}
