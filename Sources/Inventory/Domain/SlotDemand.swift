import PurchaseContracts

/// Whether an order's lines fit into an inventory.
enum SlotDemand: Equatable {
    /// They fit and take so many slots more; items that the user owns or has reserved already take none.
    case fits(newSlots: Int64)
    case refused(Refusal)

    /// - Parameters:
    ///   - lines: one line an item.
    ///   - pieces: what the user owns and has reserved, together, of those items.
    ///   - occupied: slots that are taken now.
    ///   - capacity: slots that there are.
    init(lines: [OrderLine], pieces: [ItemID: Int64], occupied: Int64, capacity: Int64) {
        for line in lines {
            let free = Goods.limit - (pieces[line.itemID] ?? 0)
            guard line.quantity <= free else {
                self = .refused(Refusal(.inventoryOverflow, ["requested": line.quantity, "free": free]))
                return
            }
        }
        let needed = Int64(lines.count { pieces[$0.itemID] == nil })
        // An admin may have lowered the capacity below what is occupied: then nothing is free.
        let free = max(0, capacity - occupied)
        self =
            needed <= free
            ? .fits(newSlots: needed) : .refused(Refusal(.slotsFull, ["needed": needed, "free": free]))
    }
}
