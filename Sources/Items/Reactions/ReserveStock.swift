import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Reserves every line of an order, or none. A batch changes each item's counter once, whatever the number of its orders.
struct ReserveStock: BatchReaction, Compensable {
    typealias Transaction = any SQLTransaction
    typealias Input = InventoryReserved
    typealias Accepted = ItemReserved
    typealias Rejected = ItemReservationFailed

    static let id: ReactionID = "items.reserve-stock"

    func react(
        toAll events: [InventoryReserved], in step: SQLStep
    ) throws -> [Reply<ItemReserved, ItemReservationFailed>] {
        let holds = HoldStore(step)
        // Counters are asked for beside the rows that say whether they are needed: mostly they are.
        let known = try holds.asking(of: events.map(\.order.id))
        let stock = StockStore(step.transaction)
        let levels = try stock.locking(Set(events.flatMap { $0.order.lines.map(\.itemID) }))
        let states = HoldStore.byOrder(try known.answer())
        let demands = try events.filter { states[$0.order.id] == nil }.map { event in
            guard let demand = Demand(event.order) else {
                throw SagaFault.permanent(.contract, "an order without lines, or with a quantity out of bounds")
            }
            return demand
        }

        let allocation = Allocation(demands, from: try levels.answer())
        // State rows are written before counters: every transaction changes rows in that order.
        var answers: [OrderID: (demand: Demand, refusal: Refusal?)] = [:]
        for (demand, refusal) in zip(demands, allocation.refusals) { answers[demand.order] = (demand, refusal) }
        let replies = try events.map { event in
            try reply(to: event.order, in: states[event.order.id], answers[event.order.id], holds)
        }
        try holds.openHeld(
            events.compactMap { event in
                answers[event.order.id].flatMap { $0.refusal == nil ? (event.order, $0.demand) : nil }
            }, ids: step.ids)
        try stock.reserve(allocation.taken, at: step.now)
        return replies
    }

    private func reply(
        to order: OrderFacts, in state: HoldState?, _ answer: (demand: Demand, refusal: Refusal?)?,
        _ holds: HoldStore
    ) throws -> Reply<ItemReserved, ItemReservationFailed> {
        guard let answer else { return .ignore(state == .tombstone ? .tombstone : .duplicate) }
        if let refusal = answer.refusal {
            try holds.openUnheld(order, as: .rejected, because: .refused)
            return .reject(ItemReservationFailed(order: order, cause: .refused, refusal: refusal))
        }
        return .accept(ItemReserved(order: order))
    }
}
