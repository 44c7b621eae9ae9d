import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// order.failed or order.cancelled.
typealias UndoneOrder = Either<OrderFailed, OrderCancelled>
/// What a wish to undo an order leads to.
typealias CancelledOrder = Either<UndoneOrder, OrderCancelRequested>
/// What a completing mark leads to: often nothing.
typealias CompletedOrder = Both<OrderCompleted?, OrderSettled?>

/// The transitions that several reactions and commands share: each changes the row and says what to emit.
struct OrderTransitions {
    let orders: OrderStore
    let now: Timestamp

    init(_ step: SQLStep) {
        orders = OrderStore(step.transaction)
        now = step.now
    }

    /// To FAILED or CANCELLED. What the cancel flag was raised for comes first: it is the first cause on record.
    func end(_ order: OrderRecord, as state: OrderState, because ending: OrderEnding) throws -> UndoneOrder {
        let ending = order.cancel ?? ending
        try orders.end(order.facts.id, from: order.progress.state, as: state, ending, at: now)
        return state == .cancelled
            ? .second(OrderCancelled(order: order.facts, cause: ending.cause, refusal: ending.refusal))
            : .first(OrderFailed(order: order.facts, cause: ending.cause, refusal: ending.refusal))
    }

    /// Someone wants the order undone: at once while nothing runs, else by the cancel flag.
    func cancel(_ order: OrderRecord, because ending: OrderEnding) throws -> Reply<CancelledOrder, Never> {
        switch order.progress.verdict(on: .cancelAsked(ending.cause)) {
        case .end(let state): return .accept(.first(try end(order, as: state, because: ending)))
        case .flagCancel:
            try orders.flagCancel(order.facts.id, ending, at: now)
            return .accept(
                .second(OrderCancelRequested(order: order.facts, cause: ending.cause, refusal: ending.refusal)))
        case let other: return try Self.without(other)
        }
    }

    /// Moves orders on by what has come of them: each row is locked once and changed once.
    ///
    /// - Returns: a reply for each trigger, in order; what follows from several of one order is in that to the last that counted.
    func advance(_ triggers: [(order: OrderID, trigger: OrderTrigger)]) throws -> [Reply<CompletedOrder, Never>] {
        let byOrder = Dictionary(grouping: triggers.indices) { triggers[$0].order }
        // An order whose last confirmation is among them is told of whole.
        let told = byOrder.filter { _, indices in
            OrderMark.confirmations.allSatisfy { mark in indices.contains { triggers[$0].trigger == .marked(mark) } }
        }
        let locked = try orders.lock(Array(byOrder.keys), told: Array(told.keys))
        var advances: [OrderID: OrderAdvance] = [:]
        for (id, progress) in locked.progress {
            advances[id] = OrderAdvance(progress, (byOrder[id] ?? []).map { triggers[$0].trigger })
        }
        let facts = try orders.facts(of: advances.filter { $1.completes }.map(\.key), in: locked)
        try orders.advance(advances.compactMapValues(\.change), at: now)
        var replies = [Reply<CompletedOrder, Never>](repeating: .ignore(.notExpected), count: triggers.count)
        for (id, advance) in advances {
            for (place, index) in (byOrder[id] ?? []).enumerated() {
                replies[index] = try Self.reply(to: advance, at: place, of: id, facts[id])
            }
        }
        return replies
    }

    private static func reply(
        to advance: OrderAdvance, at place: Int, of id: OrderID, _ facts: OrderFacts?
    ) throws -> Reply<CompletedOrder, Never> {
        switch advance.verdicts[place] {
        case .confirm, .note:
            guard place == advance.last else { return .accept(Both(nil, nil)) }
            return .accept(
                Both(facts.map { OrderCompleted(order: $0) }, advance.settles ? OrderSettled(orderID: id) : nil))
        case let other: return try without(other)
        }
    }

    /// The reply to a verdict that changes nothing.
    ///
    /// - Throws: ``SagaFault`` `.alarm` for the pairs that never occur in a correct system; ``SQLError`` `.busy` for a verdict
    ///   that does change something, which the guarded change before it did not.
    static func without<Accepted: Emission, Rejected: Emission>(_ verdict: OrderVerdict) throws
        -> Reply<Accepted, Rejected>
    {
        switch verdict {
        case .ignore(let why): return .ignore(why)
        case .alarm(let what): throw SagaFault.alarm(what)
        case .begin, .end, .flagCancel, .confirm, .note:
            // Another transaction changed the row between the guarded change and this reading: try again.
            throw OrderStore.raced
        }
    }
}
