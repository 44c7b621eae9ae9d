import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// payment.reserved → slots for every line are reserved, all or none.
struct ReserveSlots: BatchReaction, Compensable {
    static let id: ReactionID = "inventory.reserve-slots"  // Inbox key: never rename.

    typealias Transaction = any SQLTransaction
    typealias Input = PaymentReserved
    typealias Accepted = InventoryReserved
    typealias Rejected = InventoryReservationFailed

    func react(toAll events: [PaymentReserved], in step: SQLStep) throws -> [Reply<Accepted, Rejected>] {
        let holds = GoodsHoldStore(step)
        // Accounts are asked for beside the rows that say whether they are needed: mostly they are.
        let known = try holds.locking(events.map(\.order.id))
        let goods = GoodsStore(step)
        let asked = try goods.asking(
            about: Set(
                events.flatMap { event in
                    event.order.lines.map { GoodsKey(user: event.order.userID, item: $0.itemID) }
                }), of: Set(events.map(\.order.userID)))
        let found = try known.answer()
        let new = events.filter { found[$0.order.id] == nil }
        try holds.insert(new.map(\.order), as: .held)
        let refusals = try reserve(new, asked, of: goods)
        return try events.map { event in
            let order = event.order
            if let hold = found[order.id] { return .ignore(hold.state == .tombstone ? .tombstone : .duplicate) }
            guard let refusal = refusals[order.id] else { return .accept(InventoryReserved(order: order)) }
            try holds.move(order.id, from: .held, to: .rejected)
            return .reject(InventoryReservationFailed(order: order, cause: .refused, refusal: refusal))
        }
    }

    /// - Returns: why orders got no slots; those that got theirs are missing.
    private func reserve(
        _ events: [PaymentReserved], _ asked: GoodsStore.Asked, of goods: GoodsStore
    ) throws -> [OrderID: Refusal] {
        guard !events.isEmpty else { return [:] }
        let capacities = Dictionary(events.map { ($0.order.userID, $0.slotCapacity) }) { first, _ in first }
        let (occupied, pieces) = try goods.answer(to: asked, opening: capacities)
        var reservations = Reservations(occupied: occupied, pieces: pieces)
        for event in events { reservations.decide(event.order, capacity: event.slotCapacity) }
        try goods.take(reservations)
        try goods.reserve(reservations.granted)
        return reservations.refusals
    }
}
