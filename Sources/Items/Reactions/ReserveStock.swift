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
        if step.maySuppose { return try suppose(events, in: step) }
        let holds = HoldStore(step)
        // Counters are asked for beside the rows that say whether they are needed: mostly they are.
        let known = try holds.asking(of: events.map(\.order.id))
        let stock = StockStore(step)
        let levels = try stock.locking(Set(events.flatMap { $0.order.lines.map(\.itemID) }))
        let states = HoldStore.byOrder(try known.answer())
        let demands = try events.filter { states[$0.order.id] == nil }.map { try Self.demand(of: $0.order) }

        let allocation = Allocation(demands, from: try levels.answer())
        // State rows are written before counters: every transaction changes rows in that order.
        var answers: [OrderID: (demand: Demand, refusal: Refusal?)] = [:]
        for (demand, refusal) in zip(demands, allocation.refusals) { answers[demand.order] = (demand, refusal) }
        let replies = try events.map { event in
            try reply(to: event.order, in: states[event.order.id], answers[event.order.id], holds)
        }
        let granted = events.map(\.order).filter { answers[$0.id].map { $0.refusal == nil } ?? false }
        try holds.openHeld(granted)
        try stock.reserve(allocation.taken)
        try holds.reserve(granted.compactMap { answers[$0.id]?.demand })
        return replies
    }

    private static func demand(of order: OrderFacts) throws -> Demand {
        guard let demand = Demand(order) else {
            throw SagaFault.permanent(.contract, "an order without lines, or with a quantity out of bounds")
        }
        return demand
    }

    /// As if all of these orders came for the first time and there were enough of everything: then nothing has to be read.
    private func suppose(
        _ events: [InventoryReserved], in step: SQLStep
    ) throws -> [Reply<ItemReserved, ItemReservationFailed>] {
        // One that cannot be granted may be one that was handled before.
        let demands = events.compactMap { Demand($0.order) }
        guard demands.count == events.count else { throw WrongSupposition() }
        var taken: [ItemID: Int64] = [:]
        for line in demands.flatMap(\.quantities) {
            let (sum, overflow) = (taken[line.item] ?? 0).addingReportingOverflow(line.pieces)
            guard !overflow else { throw WrongSupposition() }
            taken[line.item] = sum
        }
        let holds = HoldStore(step)
        try holds.openHeld(events.map(\.order))
        try StockStore(step).reserve(taken)
        try holds.reserve(demands)
        return events.map { .accept(ItemReserved(order: $0.order)) }
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
