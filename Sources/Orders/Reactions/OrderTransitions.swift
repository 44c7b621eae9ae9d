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

    /// Notes marks of orders, and what follows from them: of several of one order from the last.
    ///
    /// - Returns: a reply for each, in order.
    func note(_ marks: [(order: OrderID, mark: OrderMark)]) throws -> [Reply<CompletedOrder, Never>] {
        var byOrder: [OrderID: Set<OrderMark>] = [:]
        for (order, mark) in marks { byOrder[order, default: []].insert(mark) }
        return try replies(
            try orders.note(byOrder, at: now), to: marks.map { (order: $0.order, trigger: .marked($0.mark)) })
    }

    /// Moves each order past its pivot, and says what follows from it.
    ///
    /// - Returns: a reply for each, in order.
    func confirm(_ ids: [OrderID]) throws -> [Reply<CompletedOrder, Never>] {
        try replies(
            try orders.confirm(ids, at: now), to: ids.map { (order: $0, trigger: .paymentProcessed) })
    }

    private func replies(
        _ changed: [OrderID: OrderProgress], to triggers: [(order: OrderID, trigger: OrderTrigger)]
    ) throws -> [Reply<CompletedOrder, Never>] {
        let concluded = try conclude(changed)
        let last = Dictionary(triggers.enumerated().map { ($1.order, $0) }) { max($0, $1) }
        return try triggers.enumerated().map { index, trigger in
            if let emission = concluded[trigger.order] {
                return .accept(last[trigger.order] == index ? emission : Both(nil, nil))
            }
            guard let progress = try orders.progress(of: trigger.order) else { return .ignore(.notExpected) }
            return try Self.without(progress.verdict(on: trigger.trigger))
        }
    }

    /// COMPLETED or settled, where the marks that are in allow it: few statements for all orders.
    private func conclude(_ changed: [OrderID: OrderProgress]) throws -> [OrderID: CompletedOrder] {
        var concluded: [OrderID: CompletedOrder] = [:]
        var toComplete: [Bool: [OrderID]] = [:]
        var toSettle: [OrderID] = []
        for (id, progress) in changed {
            switch progress.conclusion {
            case .none: concluded[id] = Both(nil, nil)
            case .complete(let settles): toComplete[settles, default: []].append(id)
            case .settle: toSettle.append(id)
            }
        }
        // In a fixed order, so that the same batch makes the same statements.
        for settles in [false, true] {
            for (id, order) in try orders.complete(toComplete[settles] ?? [], settles: settles, at: now) {
                concluded[id] = Both(
                    OrderCompleted(order: order.facts), settles ? OrderSettled(orderID: id) : nil)
            }
        }
        if !toSettle.isEmpty { try orders.settle(toSettle, at: now) }
        for id in toSettle { concluded[id] = Both(nil, OrderSettled(orderID: id)) }
        return concluded
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
            throw SQLError(.busy, "orders_orders: another transaction changed the row meanwhile")
        }
    }
}
