extension Mutant {
    /// Stock, slots and goods.
    static let goods: [Mutant] = [
        Mutant(
            "one piece is granted however many were bought",
            .words(
                "SET quantity = inventory_goods.quantity + h.quantity", "SET quantity = inventory_goods.quantity + 1")),
        Mutant(
            "an event loses the quantity on its way to Items",
            .event("inventory.reserved") { $0.data = $0.data.settingJSON("quantity", to: 1) }),
        Mutant(
            "granted goods stay reserved",
            .words(
                "reserved = inventory_goods.reserved - h.quantity", "reserved = inventory_goods.reserved",
                in: "SET quantity")),
        Mutant(
            "a released slot stays occupied",
            .words("SET occupied = occupied - $1", "SET occupied = occupied - 0 * $1")),
        Mutant(
            "slots are taken without looking whether there are any",
            .words("AND occupied + $4 <= $5", "AND $4 = $4 AND $5 = $5"),
            .words("SELECT occupied FROM inventory_accounts", "SELECT 0 AS occupied FROM inventory_accounts")),
        Mutant(
            "released slots are released again by the next event",
            .words(
                "SELECT subject, state, user_id FROM inventory_saga",
                "SELECT subject, replace(state, 'RELEASED', 'HELD') AS state, user_id FROM inventory_saga")),
        Mutant(
            "restored stock does not come back",
            .words(
                "SET reserved = reserved - $1, stock = stock + $2",
                "SET reserved = reserved - $1, stock = stock + 0 * $2")),
        Mutant(
            "stock is restored again by the next event",
            .words(
                "SELECT subject, state FROM items_saga",
                "SELECT subject, replace(state, 'RESTORED', 'HELD') AS state FROM items_saga"),
            .words("WHERE subject = $4 AND state = $5", "WHERE subject = $4 AND $5 = $5", in: "UPDATE items_saga"),
            .words(
                "SET reserved = reserved - $1, stock = stock + $2",
                "SET reserved = max(0, reserved - $1), stock = stock + $2"),
            .words("AND reserved >= $5", "AND $5 = $5", in: "stock = stock +")),
        Mutant(
            "stock is read, then written: oversold",
            .words("SELECT stock, is_on_sale FROM items_items", "SELECT 1000 AS stock, is_on_sale FROM items_items"),
            .words("SET stock = stock - $1", "SET stock = max(0, stock - $1)"),
            .words("AND stock >= $5", "AND $5 = $5", in: "SET stock = max(0")),
        Mutant(
            "sold pieces stay reserved",
            .words(
                "SET reserved = reserved - $1, sold = sold + $2", "SET reserved = reserved - 0 * $1, sold = sold + $2")),
        Mutant(
            "an admin's count overwrites what is reserved",
            .words(
                "adjustments = adjustments + $2, updated_at",
                "adjustments = adjustments + $2 - reserved, reserved = 0, updated_at",
                in: "SET stock = $1")),
        Mutant(
            "an order keeps its reservation in Inventory when its goods are out of stock",
            .words(
                "reserved = inventory_goods.reserved - h.quantity", "reserved = inventory_goods.reserved",
                in: "SET reserved")),
    ]
}
