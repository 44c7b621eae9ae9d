import PurchaseContracts

/// The lines of a request, one an item, within the limits.
struct Demand: Sendable, Hashable {
    static let lineLimit = 50
    static let quantityLimit: Int64 = 1_000_000

    /// In the order in which the items were first named.
    let lines: [OrderRequest.Line]

    /// - Throws: ``OrdersRefusal/invalidLines``.
    init(_ requested: [OrderRequest.Line]) throws(OrdersRefusal) {
        guard (1...Self.lineLimit).contains(requested.count) else { throw .invalidLines }
        var lines: [OrderRequest.Line] = []
        var places: [ItemID: Int] = [:]
        for line in requested {
            // Each part is checked before it is added: fifty parts within the limit cannot overflow.
            guard (1...Self.quantityLimit).contains(line.quantity) else { throw .invalidLines }
            if let place = places[line.itemID] {
                lines[place].quantity += line.quantity
            } else {
                places[line.itemID] = lines.count
                lines.append(line)
            }
        }
        guard lines.allSatisfy({ $0.quantity <= Self.quantityLimit }) else { throw .invalidLines }
        self.lines = lines
    }

    /// The lines with name, category and price of the catalogue, and their sum.
    ///
    /// - Throws: ``OrdersRefusal`` `.itemNotFound`, `.itemOffSale`, `.amountTooLarge`.
    func priced(by catalog: [ItemID: CatalogEntry]) throws(OrdersRefusal) -> (lines: [OrderLine], total: Money) {
        var priced: [OrderLine] = []
        var total = Money.zero
        for line in lines {
            guard let entry = catalog[line.itemID] else { throw .itemNotFound(line.itemID) }
            guard entry.isOnSale else { throw .itemOffSale(line.itemID) }
            do throws(MoneyOverflow) {
                total = try total.adding(entry.price.times(line.quantity))
            } catch {
                throw .amountTooLarge
            }
            priced.append(
                OrderLine(
                    itemID: line.itemID, name: entry.name, categoryID: entry.categoryID, unitPrice: entry.price,
                    quantity: line.quantity))
        }
        return (priced, total)
    }
}
