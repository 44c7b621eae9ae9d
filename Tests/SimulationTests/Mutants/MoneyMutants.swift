extension Mutant {
    /// Wallets, coupons and amounts.
    static let money: [Mutant] = [
        Mutant(
            "a release writes back what was once paid in, not what was held",
            .words(
                "SET available = available + $1, held = held - $2",
                "SET available = deposited, held = held - $2 + 0 * $1")),
        Mutant(
            "a release gives nothing back",
            .words(
                "SET available = available + $1, held = held - $2",
                "SET available = available + 0 * $1, held = held - $2")),
        Mutant(
            "a release gives back twice",
            .words("SET available = available + $1, held", "SET available = available + 2 * $1, held")),
        Mutant(
            "a released hold is released again by the next event",
            .words(
                "SELECT subject, state, user_id, amount FROM users_saga",
                "SELECT subject, replace(state, 'RELEASED', 'HELD') AS state, user_id, amount FROM users_saga"),
            .words("WHERE subject = $3 AND state = $4", "WHERE subject = $3 AND $4 = $4", in: "UPDATE users_saga"),
            .words(
                "SET available = available + $1, held = held - $2",
                "SET available = available + $1, held = max(0, held - $2)"),
            .words("AND held >= $4", "AND $4 = $4", in: "UPDATE users_wallets SET available = available +")),
        Mutant(
            "a hold is taken without looking whether there is enough",
            .words(" AND available >= new.column2", "", in: "UPDATE users_wallets SET available = available - "),
            .words("w.available", "1000000000 AS available", in: "SELECT u.id, u.is_active")),
        Mutant(
            "a capture forgets to count what it took",
            .words("SET captured = captured + new.column2, held", "SET captured = captured, held")),
        Mutant(
            "the total is charged where the discounted amount is due",
            .event("order.created") { row in
                guard let total = row.data.jsonNumber("total") else { return }
                row.data = row.data.settingJSON("final", to: total).settingJSON("discount", to: 0)
            }),
        Mutant(
            "a released coupon stays taken",
            .words("ELSE 'ACTIVE' END", "ELSE 'HELD' END", in: "UPDATE coupons_user_coupons")),
        Mutant(
            "a coupon is used without being marked as used",
            .leftOut("UPDATE coupons_user_coupons SET status = 'USED'")),
        Mutant(
            "a coupon that another order holds is taken once more",
            .words(
                "SELECT * FROM coupons_user_coupons WHERE id = $1",
                """
                SELECT id, coupon_id, user_id, 'ACTIVE' AS status, NULL AS order_id, valid_from, expires_at, issued_at,
                    updated_at, warned_at FROM coupons_user_coupons WHERE id = $1
                """),
            .words("AND status IN ('ACTIVE', 'EXPIRED')", "", in: "SET status = 'HELD'")),
        Mutant(
            "a copy is issued without counting it",
            .words("SET issued = issued + ", "SET issued = issued + 0 * ", in: "coupons_coupons")),
    ]
}
