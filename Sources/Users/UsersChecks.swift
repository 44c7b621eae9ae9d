import SQLCore
import SagaSQL

/// What must always be true of the wallets.
public enum UsersChecks {
    /// Every check; each selects what breaks it.
    public static let all: [InvariantCheck] = [
        InvariantCheck(
            "users.wallet-adds-up", "Available, held and captured less refunded is what was paid in; none is negative.",
            violations: """
                SELECT 'user ' || lower(hex(user_id)) AS what FROM users_wallets
                WHERE available + held + (captured - refunded) <> deposited
                    OR available < 0 OR held < 0 OR captured < 0 OR refunded < 0 OR deposited < 0
                """),
        InvariantCheck(
            "users.held-adds-up", "A wallet holds exactly what its orders in state HELD say.",
            violations: """
                SELECT 'user ' || lower(hex(w.user_id)) AS what FROM users_wallets w
                LEFT JOIN (SELECT user_id, SUM(amount) AS amount FROM users_saga WHERE state = 'HELD' GROUP BY user_id) s
                    ON s.user_id = w.user_id
                WHERE w.held <> COALESCE(s.amount, 0)
                """),
        InvariantCheck(
            "users.captured-adds-up",
            "A wallet captured exactly what its orders in state CAPTURED or REFUNDED say, and gave back what the latter say.",
            violations: """
                SELECT 'user ' || lower(hex(w.user_id)) AS what FROM users_wallets w
                LEFT JOIN (
                    SELECT user_id, SUM(amount) AS captured,
                        SUM(CASE state WHEN 'REFUNDED' THEN amount ELSE 0 END) AS refunded
                    FROM users_saga WHERE state IN ('CAPTURED', 'REFUNDED') GROUP BY user_id) s ON s.user_id = w.user_id
                WHERE w.captured <> COALESCE(s.captured, 0) OR w.refunded <> COALESCE(s.refunded, 0)
                """),
        InvariantCheck(
            "users.statement-adds-up", "A wallet's statement sums up to what is available and what was paid in.",
            violations: """
                SELECT 'user ' || lower(hex(w.user_id)) AS what FROM users_wallets w
                LEFT JOIN (
                    SELECT user_id,
                        SUM(CASE kind WHEN 'hold' THEN -amount WHEN 'capture' THEN 0 ELSE amount END) AS available,
                        SUM(CASE kind WHEN 'deposit' THEN amount ELSE 0 END) AS deposited
                    FROM users_ledger GROUP BY user_id) l ON l.user_id = w.user_id
                WHERE w.available <> COALESCE(l.available, 0) OR w.deposited <> COALESCE(l.deposited, 0)
                """),
        InvariantCheck(
            "users.no-end-without-hold",
            "No release or capture of an order without its hold, never both, and no refund without its capture.",
            violations: """
                SELECT 'order ' || lower(hex(order_id)) AS what FROM users_ledger
                WHERE order_id IS NOT NULL GROUP BY order_id
                HAVING SUM(CASE kind WHEN 'hold' THEN 1 ELSE 0 END) <> 1
                    OR SUM(CASE WHEN kind IN ('release', 'capture') THEN 1 ELSE 0 END) > 1
                    OR SUM(CASE kind WHEN 'refund' THEN 1 ELSE 0 END) > SUM(CASE kind WHEN 'capture' THEN 1 ELSE 0 END)
                    OR MIN(amount) <> MAX(amount)
                """),
        InvariantCheck(
            "users.settled-holds-nothing", "No money is held for a settled order.",
            violations: """
                SELECT 'order ' || lower(hex(subject)) AS what FROM users_saga
                WHERE settled AND state = 'HELD'
                """),
    ]
}
