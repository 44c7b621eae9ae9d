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
    /// What came of an order.
    typealias Trigger = (order: OrderFacts, trigger: OrderTrigger)

    let orders: OrderStore
    let now: Timestamp
    private let maySuppose: Bool

    init(_ step: SQLStep) {
        orders = OrderStore(step.transaction)
        now = step.now
        maySuppose = step.maySuppose
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

    /// Moves orders on by what has come of them: the pivot, or marks.
    ///
    /// Of one whose confirmations are all here it is known what becomes of it before its row is changed, so that it is changed once. Others
    /// are changed without being read first.
    ///
    /// - Returns: a reply for each trigger, in order; what follows from several of one order is in the last.
    func advance(_ triggers: [Trigger]) throws -> [Reply<CompletedOrder, Never>] {
        let byOrder = Dictionary(grouping: triggers.indices) { triggers[$0].order.id }
        let whole = byOrder.filter { _, indices in
            OrderMark.confirmations.allSatisfy { mark in indices.contains { triggers[$0].trigger == .marked(mark) } }
        }
        var replies = [Reply<CompletedOrder, Never>](repeating: .ignore(.notExpected), count: triggers.count)
        for (index, reply) in try advance(whole, by: triggers) { replies[index] = reply }
        let rest = triggers.indices.filter { whole[triggers[$0].order.id] == nil }
        guard !rest.isEmpty else { return replies }
        for (index, reply) in zip(rest, try note(rest.map { triggers[$0] })) { replies[index] = reply }
        return replies
    }

    /// Each row is changed once, and before that locked and read, unless what it says may be supposed.
    ///
    /// - Parameter places: those of each order's triggers.
    /// - Returns: a reply for each of those places whose order exists.
    private func advance(
        _ places: [OrderID: [Int]], by triggers: [Trigger]
    ) throws -> [Int: Reply<CompletedOrder, Never>] {
        guard !places.isEmpty else { return [:] }
        var supposed: [OrderID: OrderRecord] = [:]
        if maySuppose {
            for (id, places) in places { supposed[id] = Self.supposed(places.map { triggers[$0] }, at: now) }
        }
        let read = try orders.lock(places.keys.filter { supposed[$0] == nil })
        return try advance(supposed, places, by: triggers, wereRead: false)
            .merging(try advance(read, places, by: triggers, wereRead: true)) { $1 }
    }

    /// How an order is nearly always when all three confirmations have come; `nil` if nothing is supposed of it.
    private static func supposed(_ triggers: [Trigger], at now: Timestamp) -> OrderRecord? {
        guard let facts = triggers.first?.order, facts.coupon == nil else { return nil }
        let state: OrderState = triggers.contains { $0.trigger == .paymentProcessed } ? .processing : .confirmed
        return OrderRecord(
            facts: facts,
            progress: OrderProgress(state: state, hasCoupon: false, cancelCause: nil, marks: [], isSettled: false),
            updatedAt: now)
    }

    private func advance(
        _ records: [OrderID: OrderRecord], _ places: [OrderID: [Int]], by triggers: [Trigger], wereRead: Bool
    ) throws -> [Int: Reply<CompletedOrder, Never>] {
        var changes: [OrderID: OrderChange] = [:]
        var replies: [Int: Reply<CompletedOrder, Never>] = [:]
        var completed: [OrderRecord] = []
        for (id, order) in records {
            let places = places[id] ?? []
            let advance = OrderAdvance(order.progress, places.map { triggers[$0].trigger })
            changes[id] = advance.change
            if advance.completes { completed.append(order.completed(by: advance, at: now)) }
            for (number, place) in places.enumerated() {
                replies[place] = try Self.reply(to: advance, at: number, of: order.facts)
            }
        }
        try orders.advance(changes, wereRead: wereRead, at: now)
        orders.announceCompleted(completed)
        return replies
    }

    private static func reply(
        to advance: OrderAdvance, at number: Int, of order: OrderFacts
    ) throws -> Reply<CompletedOrder, Never> {
        switch advance.verdicts[number] {
        case .confirm, .note:
            guard number == advance.last else { return .accept(Both(nil, nil)) }
            return .accept(
                Both(
                    advance.completes ? OrderCompleted(order: order) : nil,
                    advance.settles ? OrderSettled(orderID: order.id) : nil))
        case let other: return try without(other)
        }
    }

    /// Changes rows where that means something, and then what follows from it.
    private func note(_ triggers: [Trigger]) throws -> [Reply<CompletedOrder, Never>] {
        var paid: [OrderID] = []
        var marks: [OrderID: Set<OrderMark>] = [:]
        for (order, trigger) in triggers {
            switch trigger {
            case .paymentProcessed: paid.append(order.id)
            case .marked(let mark): marks[order.id, default: []].insert(mark)
            case .couponValidated, .couponRefused, .stepFailed, .cancelAsked:
                throw SagaFault.permanent(.contract, "\(trigger) is more than a step forward")
            }
        }
        let confirmed = try orders.confirm(paid, at: now)
        let noted = try orders.note(marks, at: now)
        // Each is answered by what it did itself: a pivot that changed nothing is an alarm, whatever was noted beside it.
        let counts = triggers.map { order, trigger in
            trigger == .paymentProcessed ? confirmed[order.id] != nil : noted[order.id] != nil
        }
        let concluded = try conclude(confirmed.merging(noted) { $1 })
        var last: [OrderID: Int] = [:]
        for (index, trigger) in triggers.enumerated() where counts[index] { last[trigger.order.id] = index }
        return try triggers.enumerated().map { index, trigger in
            if counts[index], let emission = concluded[trigger.order.id] {
                return .accept(last[trigger.order.id] == index ? emission : Both(nil, nil))
            }
            guard let progress = try orders.progress(of: trigger.order.id) else { return .ignore(.notExpected) }
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
            throw OrderStore.raced
        }
    }
}
