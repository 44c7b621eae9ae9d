extension Mutant {
    /// The refund saga.
    static let refunds: [Mutant] = [
        Mutant(
            "a refund credits twice",
            .words("SET available = available + $1, refunded", "SET available = available + 2 * $1, refunded")),
        Mutant(
            "a refund credits nothing",
            .words(
                "SET available = available + $1, refunded = refunded + $2",
                "SET available = available + 0 * $1, refunded = refunded + 0 * $2")),
        Mutant(
            "a refunded wallet is credited again by the next event",
            .words(
                "SELECT subject, state, user_id, amount FROM users_saga",
                "SELECT subject, replace(state, 'REFUNDED', 'CAPTURED') AS state, user_id, amount FROM users_saga"),
            .words("AND state = 'CAPTURED'", "", in: "UPDATE users_saga SET state = 'REFUNDED'")),
        Mutant(
            "refunded pieces do not come back into stock",
            .words("stock = stock + new.column2, restocked", "stock = stock, restocked")),
        Mutant(
            "refunded pieces are put back again by the next event",
            .words(
                "SELECT subject, state FROM items_saga",
                "SELECT subject, replace(state, 'RESTOCKED', 'SOLD') AS state FROM items_saga"),
            .words("AND state = $5", "AND $5 = $5", in: "UPDATE items_saga SET state = $1, settled = $2")),
        Mutant(
            "goods stay usable while they are paid back",
            .words(
                "SET quantity = inventory_goods.quantity - h.quantity, reserved = inventory_goods.reserved + h.quantity",
                "SET reserved = inventory_goods.reserved + h.quantity")),
        Mutant("a refund that the gateway refused is not undone", .unheard("payment.refund.refused")),
        Mutant(
            "the goods of a refused refund stay set aside",
            .words(
                "SET state = $1, settled = $2", "SET state = substr('RETURNING' || $1, 1, 9), settled = $2",
                in: "UPDATE inventory_saga")),
        Mutant(
            "the gateway's book is not asked: the payment is refunded without it",
            .words(
                "SET state = $1, settled", "SET state = substr('REFUNDED' || $1, 1, 8), settled",
                in: "UPDATE payments_saga")),
        Mutant(
            "the notice of the first settlement closes what a refund has opened again",
            .words(" AND state NOT IN ($5)", " AND (state NOT IN ($5) OR 1 = 1)", in: "SET settled = $1")),
    ]
}
