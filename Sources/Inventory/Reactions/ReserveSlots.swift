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
        let found = try holds.open(events.map(\.order), as: .held)
        // By user, each user's orders as they came; users ascending, so that concurrent batches cannot deadlock.
        let byUser = Dictionary(grouping: events.filter { found[$0.order.id] == nil }, by: \.order.userID)
        var refusals: [OrderID: Refusal] = [:]
        for user in byUser.keys.sorted() {
            for event in byUser[user] ?? [] {
                refusals[event.order.id] = try reserve(event, in: step)
            }
        }
        return try events.map { event in
            let order = event.order
            if let hold = found[order.id] { return .ignore(hold.state == .tombstone ? .tombstone : .duplicate) }
            guard let refusal = refusals[order.id] else { return .accept(InventoryReserved(order: order)) }
            try holds.move(order.id, from: .held, to: .rejected)
            return .reject(InventoryReservationFailed(order: order, cause: .refused, refusal: refusal))
        }
    }

    /// - Returns: why not; `nil` if the slots are reserved.
    private func reserve(_ event: PaymentReserved, in step: SQLStep) throws -> Refusal? {
        let order = event.order
        let goods = GoodsStore(step)
        let occupied = try goods.lockAccount(of: order.userID, capacity: event.slotCapacity)
        let pieces = try goods.pieces(of: order.lines.map(\.itemID), ownedBy: order.userID)
        let demand = SlotDemand(
            lines: order.lines, pieces: pieces, occupied: occupied, capacity: event.slotCapacity)
        switch demand {
        case .refused(let refusal):
            return refusal
        case .fits(let newSlots):
            try goods.take(newSlots, of: order.userID, capacity: event.slotCapacity)
            try goods.reserve(order.lines, for: order.id, of: order.userID)
            return nil
        }
    }
}
