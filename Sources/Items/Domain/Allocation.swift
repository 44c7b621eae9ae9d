import PurchaseContracts

/// How many pieces of which items an order asks for, one entry an item.
struct Demand: Sendable, Hashable {
    let order: OrderID
    /// Pieces by item, each at least 1, in the order of the lines.
    let quantities: [Line]

    struct Line: Sendable, Hashable {
        let item: ItemID
        var pieces: Int64
    }

    /// `nil` if there is no line, a quantity is not positive, or a sum leaves 64 bits. Two lines of one item are one demand.
    init?(_ order: OrderFacts) {
        var quantities: [Line] = []
        for line in order.lines {
            guard line.quantity > 0 else { return nil }
            if let index = quantities.firstIndex(where: { $0.item == line.itemID }) {
                let (sum, overflow) = quantities[index].pieces.addingReportingOverflow(line.quantity)
                guard !overflow else { return nil }
                quantities[index].pieces = sum
            } else {
                quantities.append(Line(item: line.itemID, pieces: line.quantity))
            }
        }
        guard !quantities.isEmpty else { return nil }
        self.order = order.id
        self.quantities = quantities
    }
}

/// What can be taken of an item.
struct StockLevel: Sendable, Hashable {
    var stock: Int64
    let isOnSale: Bool
}

/// Decides who gets what of a batch of demands: each order all of its lines or none, earlier orders first.
struct Allocation: Sendable {
    /// One answer for each demand: `nil` if it is granted.
    let refusals: [Refusal?]
    /// Pieces to take of each item for all granted demands together.
    let taken: [ItemID: Int64]

    init(_ demands: [Demand], from levels: [ItemID: StockLevel]) {
        var levels = levels
        var refusals: [Refusal?] = []
        var taken: [ItemID: Int64] = [:]
        for demand in demands {
            let refusal = Self.refusal(of: demand, with: levels)
            refusals.append(refusal)
            guard refusal == nil else { continue }
            for line in demand.quantities {
                levels[line.item]?.stock -= line.pieces
                taken[line.item, default: 0] += line.pieces
            }
        }
        self.refusals = refusals
        self.taken = taken
    }

    private static func refusal(of demand: Demand, with levels: [ItemID: StockLevel]) -> Refusal? {
        for line in demand.quantities {
            guard let level = levels[line.item] else { return Refusal(.itemNotFound) }
            guard level.isOnSale else { return Refusal(.itemOffSale) }
            guard level.stock >= line.pieces else {
                return Refusal(.insufficientStock, ["requested": line.pieces, "available": level.stock])
            }
        }
        return nil
    }
}
