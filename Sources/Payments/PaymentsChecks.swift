import SQLCore
import SagaSQL

/// What must always be true of the payments and of the simulated gateway's book, which is empty if another gateway is in use.
public enum PaymentsChecks {
    /// Every check; each selects what breaks it.
    public static let all: [InvariantCheck] = [
        InvariantCheck(
            "payments.captured-in-full",
            "A captured payment took exactly its amount; a refunded one gave all of it back.",
            violations: """
                SELECT 'order ' || lower(hex(subject)) AS what FROM payments_saga
                WHERE (state IN ('CAPTURED', 'REFUNDING') AND (captured_amount <> amount OR refunded_amount <> 0))
                    OR (state = 'REFUNDED' AND (captured_amount <> amount OR refunded_amount <> amount))
                """),
        InvariantCheck(
            "payments.nothing-taken-when-undone", "A declined payment and a tombstone took nothing.",
            violations: """
                SELECT 'order ' || lower(hex(subject)) AS what FROM payments_saga
                WHERE state IN ('DECLINED', 'TOMB') AND captured_amount <> 0
                """),
        InvariantCheck(
            "payments.charge-has-payment",
            "Every charge of the gateway belongs to one payment of the same amount, committed to before.",
            violations: """
                SELECT 'charge of order ' || lower(hex(g.order_id)) AS what FROM gateway_charges g
                LEFT JOIN payments_saga p ON p.subject = g.order_id
                WHERE p.subject IS NULL OR p.amount <> g.amount OR NOT p.attempted
                """),
        InvariantCheck(
            "payments.gateway-agrees", "For a decided payment the gateway's book says the same as the row.",
            violations: """
                SELECT 'order ' || lower(hex(p.subject)) AS what FROM gateway_charges g
                JOIN payments_saga p ON p.subject = g.order_id
                WHERE p.state NOT IN ('PROCESSING', 'REFUNDING')
                    AND (CASE g.outcome WHEN 'captured' THEN g.amount - g.refunded_amount ELSE 0 END)
                        <> p.captured_amount - p.refunded_amount
                """),
        InvariantCheck(
            "payments.gateway-told-the-same", "Nothing that the gateway told of its own accord contradicts a payment.",
            violations: """
                SELECT 'order ' || lower(hex(subject)) || ': event ' || id AS what FROM payments_gateway_events
                WHERE outcome = 'contradiction' ORDER BY subject, id
                """),
        InvariantCheck(
            "payments.settled-is-decided", "No payment of a settled order still waits for the gateway.",
            violations: """
                SELECT 'order ' || lower(hex(subject)) AS what FROM payments_saga
                WHERE settled AND state IN ('PROCESSING', 'REFUNDING')
                """),
        InvariantCheck(
            "payments.refunds-agree",
            "A payment is being given back exactly for the one refund whose row says so, and a refund that succeeded gave it back.",
            violations: """
                SELECT 'order ' || lower(hex(p.subject)) AS what FROM payments_saga p
                WHERE p.state = 'REFUNDING' AND NOT EXISTS (
                    SELECT 1 FROM payments_refunds r WHERE r.order_id = p.subject AND r.state = 'REFUNDING')
                UNION ALL
                SELECT 'refund ' || lower(hex(r.refund_id)) FROM payments_refunds r
                WHERE r.state IN ('REFUNDING', 'REFUNDED') AND NOT EXISTS (
                    SELECT 1 FROM payments_saga p WHERE p.subject = r.order_id AND p.state = r.state)
                """),
    ]
}
