import FoundationEssentials
import SQLCore

extension Mutant {
    /// The choreography: tombstones, acknowledgements, cancelling, settling.
    static let saga: [Mutant] =
        tombstones + acknowledgements + [
            Mutant(
                "a customer's cancellation fails the order without asking Payments",
                .words(
                    "UPDATE orders_orders SET cancel_cause = $1,",
                    """
                    UPDATE orders_orders SET state = 'FAILED', cause = $1, refusal_code = $2, refusal_parameters = $3,
                        ended_at = $4, cancel_cause = $1,
                    """),
                .event("order.cancel.requested") { $0.type = "order.failed" }),
            Mutant(
                "a reservation is cancelled by hand, past the saga",
                .event("item.reservation.cancel.requested") { $0.type = "payment.failed" }),
            Mutant(
                "a request to cancel that came before the payment leaves no tombstone",
                .leftOut("cancel_cause, cancel_code, cancel_parameters, failure_code, decided_at)")),
            Mutant(
                "a request to cancel ends a payment that the gateway was asked for",
                .words("AND state = 'PROCESSING' AND attempted = $8", "AND state = 'PROCESSING' AND $8 = $8"),
                .words("SET state = 'TOMB',", "SET state = 'TOMB', attempted = 0, attempts = 0,"),
                .words("SELECT * FROM payments_saga", "SELECT 0 AS attempted, * FROM payments_saga")),
            Mutant(
                "the gateway is asked before the row says so",
                .words("SET attempted = $1, attempts = attempts + 1,", "SET attempted = attempted + 0 * $1,")),
            Mutant(
                "an order is settled before its undoing is acknowledged",
                .words("inventory_rollback", "1 AS inventory_rollback", in: "RETURNING subject, state")),
            Mutant(
                "an event that is sent again is a new event",
                Rule {
                    $0.text.hasPrefix("INSERT INTO saga_outbox")
                } change: { statement in
                    var values = statement.values
                    for start in stride(from: 0, to: values.count, by: 11) {
                        guard case .uuid(let id) = values[start], let again = Self.repeated(id, values[start + 5])
                        else {
                            continue
                        }
                        values[start] = .uuid(again)
                    }
                    return SQLStatement(statement.text, values: values)
                }),
            Mutant("nobody keeps the deadline") { planted, effects in
                planted.activities = { activities, _, _ in
                    effects.note()
                    return activities.filter { $0.name != "orders.deadline-worker" }
                }
            },
            Mutant(
                "a request sent twice makes two orders",
                .leftOut("INSERT INTO orders_idempotency")),
            Mutant(
                "an order may end twice",
                .words(
                    "SELECT subject, state",
                    "SELECT subject, replace(replace(state, 'FAILED', 'PROCESSING'), 'CANCELLED', 'PROCESSING') AS state",
                    in: "FROM orders_orders WHERE subject ="),
                .words(
                    "WHERE subject = $7 AND state = $8", "WHERE subject = $7 AND $8 = $8",
                    in: "UPDATE orders_orders SET state")),
            Mutant(
                "a settled order's rows stay open in Users",
                .leftOut("UPDATE users_saga SET settled = ")),
        ]

    /// An id that depends on nothing but the event and a bit of its time, so that the run stays the same for its seed.
    private static func repeated(_ id: UUID, _ time: SQLValue) -> UUID? {
        guard case .integer(let milliseconds) = time else { return nil }
        var bytes = id.uuid
        bytes.15 ^= UInt8(truncatingIfNeeded: milliseconds &* 31 | 1)
        return UUID(uuid: bytes)
    }

    private static let tombstones: [Mutant] = ["users", "inventory", "items", "coupons"].map { service in
        Mutant(
            "\(service): a compensation that comes first leaves no tombstone",
            .leftOut("INSERT INTO \(service)_saga", binding: "TOMB"))
    }

    private static let acknowledgements: [Mutant] = [
        "payment.rollback", "inventory.rollback", "item.restored", "coupon.released", "coupon.used",
        "payment.confirmed",
        "inventory.confirmed", "item.deducted", "order.settled",
    ].map { type in Mutant("\(type) is never sent", .unheard(type)) }
}
