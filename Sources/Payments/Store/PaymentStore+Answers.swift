import PurchaseContracts
import SQLCore
import SagaChoreography

extension PaymentStore {
    /// Writes what a gateway's answer makes of a payment, guarded by the state and phase that were read.
    func apply(_ transition: PaymentTransition, of answer: GatewayAnswer, to payment: Payment) throws {
        let id = payment.order.id
        let now = step.now.milliseconds
        let note = answer.verdict.note
        switch transition {
        case .stale:
            break
        case .capture(let reference):
            try guarded(
                """
                UPDATE payments_saga SET state = 'CAPTURED', next_attempt_at = NULL, captured_amount = amount,
                    gateway_reference = \(reference), last_answer = \(note), decided_at = \(now), updated_at = \(now)
                WHERE subject = \(id) AND state = 'PROCESSING' AND phase = 'charge' AND cancel_cause IS NULL
                """)
        case .giveBack(let reference):
            // Committed before the refund is asked for, and due at once.
            try guarded(
                """
                UPDATE payments_saga SET phase = 'refund', attempts = 0, next_attempt_at = \(now),
                    captured_amount = amount, gateway_reference = \(reference), last_answer = \(note),
                    updated_at = \(now)
                WHERE subject = \(id) AND state = 'PROCESSING' AND phase = 'charge' AND cancel_cause IS NOT NULL
                """)
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
        }
    }
}
