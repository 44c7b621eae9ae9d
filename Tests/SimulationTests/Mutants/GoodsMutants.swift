extension Mutant {
    /// Stock, slots and goods.
    static let goods: [Mutant] = [
        Mutant(
            "one piece is granted however many were bought",
            .words("SET quantity = quantity + new.column3", "SET quantity = quantity + 1")),
        Mutant(
            "an event loses the quantity on its way to Items",
            .event("inventory.reserved") { $0.data = $0.data.settingJSON("quantity", to: 1) }),
        Mutant(
            "granted goods stay reserved",
            .words("reserved = reserved - new.column3", "reserved = reserved", in: "SET quantity")),
        Mutant(
            "a released slot stays occupied",
            .words("SET occupied = occupied - $1", "SET occupied = occupied - 0 * $1")),
        Mutant(
            "slots are taken without looking whether there are any",
            .words(" AND occupied + new.column2 <= new.column3", ""),
            .words("SELECT user_id, occupied FROM", "SELECT user_id, 0 AS occupied FROM")),
        Mutant(
            "released slots are released again by the next event",
            .words(
                "SELECT subject, state, user_id FROM inventory_saga",
                "SELECT subject, replace(state, 'RELEASED', 'HELD') AS state, user_id FROM inventory_saga")),
        Mutant(
            "restored stock does not come back",
            .words("stock = stock + new.column2", "stock = stock", in: "SET reserved")),
        Mutant(
            "stock is restored again by the next event",
            .words(
                "SELECT subject, state FROM items_saga",
                "SELECT subject, replace(state, 'RESTORED', 'HELD') AS state FROM items_saga"),
            .words("WHERE subject = $4 AND state = $5", "WHERE subject = $4 AND $5 = $5", in: "UPDATE items_saga"),
            .words(
                "SET reserved = reserved - new.column2, stock", "SET reserved = max(0, reserved - new.column2), stock"),
            .words(" AND reserved >= new.column2", "", in: "stock = stock +")),
        Mutant(
            "stock is read, then written: oversold",
            .words("SELECT id, stock, is_on_sale", "SELECT id, 1000 AS stock, is_on_sale"),
            .words("SET stock = stock - new.column2", "SET stock = max(0, stock - new.column2)"),
            .words(" AND stock >= new.column2", "", in: "SET stock = max(0")),
        Mutant(
            "sold pieces stay reserved",
            .words("SET reserved = reserved - new.column2, sold", "SET reserved = reserved, sold")),
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
