import FoundationEssentials
import Orders
import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Goes through an order's events once more and says what each service did on each: states and amounts follow from the events.
struct JourneyReplay {
    let evidence: SagaEvidence
    let trace: EventTrace
    let troubles: [SagaTrouble]
    let graph: ChoreographyGraph

    private var states: [ServiceID: String] = [:]
    private var reactions: [JourneyReaction] = []

    private init(
        _ evidence: SagaEvidence, _ trace: EventTrace, _ troubles: [SagaTrouble], _ graph: ChoreographyGraph
    ) {
        self.evidence = evidence
        self.trace = trace
        self.troubles = troubles
        self.graph = graph
    }

    /// What every service did on every event of the trace, causes before their effects.
    static func reactions(
        _ evidence: SagaEvidence, _ trace: EventTrace, _ troubles: [SagaTrouble], _ graph: ChoreographyGraph
    ) -> [JourneyReaction] {
        var replay = JourneyReplay(evidence, trace, troubles, graph)
        replay.run()
        return replay.reactions
    }

    private mutating func run() {
        var emitted: [Cause: [EventTrace.Event]] = [:]
        for event in trace.events { emitted[Cause(key: event.cause, service: event.source), default: []].append(event) }
        var told: Set<Int> = []
        for event in trace.events {
            if event.cause == nil, !told.contains(event.key) {
                // What one request or worker emitted at once belongs together.
                let together = (emitted[Cause(key: nil, service: event.source)] ?? []).filter { $0.time == event.time }
                told.formUnion(together.map(\.key))
                emits(together, by: event.source, on: nil)
            }
            for service in consumers(of: event.type) {
                if let effects = emitted[Cause(key: event.key, service: service)] {
                    emits(effects, by: service, on: event)
                } else {
                    isSilent(service, on: event)
                }
            }
        }
    }

    private struct Cause: Hashable {
        let key: Int?
        let service: ServiceID
    }

    /// Who reacts to an event with a part of its own. What every service does at the end of a saga, and what only tells people, is no step.
    private func consumers(of type: EventType) -> [ServiceID] {
        let nodes = graph.nodes.filter { node in
            node.consumes == type && !node.id.name.hasPrefix("saga.")
                && (node.service == OtherSteps.orders || node.service == OtherSteps.payments
                    || StepRule.byService[node.service] != nil)
        }
        return Set(nodes.map(\.service)).sorted()
    }

    // MARK: What left events

    private mutating func emits(_ effects: [EventTrace.Event], by service: ServiceID, on event: EventTrace.Event?) {
        let before = states[service]
        var (after, deltas) = (before, [JourneyDelta]())
        for effect in effects {
            let next = state(of: service, after: effect.type, from: after)
            deltas += self.deltas(of: service, from: after, to: next)
            after = next
        }
        states[service] = after
        let isRefused = effects.contains { OtherSteps.isRefusal($0.type) }
        append(
            event, service, isRefused ? .refused : .applied, before, after, deltas,
            at: effects.compactMap(\.time).min(), emitted: effects)
    }

    private func state(of service: ServiceID, after event: EventType, from state: String?) -> String? {
        if let state = RefundSteps.state(after: event) { return state }
        if let rule = StepRule.byService[service] { return rule.state(after: event, from: state) ?? state }
        if service == OtherSteps.orders { return OtherSteps.orderState(after: event) ?? state }
        switch event {
        case PaymentProcessed.type: return "CAPTURED"
        // Declined, given back or never asked: only the row knows.
        case PaymentFailed.type: return evidence.rows[service]?.state ?? state
        default: return state
        }
    }

    // MARK: What left none

    private mutating func isSilent(_ service: ServiceID, on event: EventTrace.Event) {
        let before = states[service]
        if let trouble = troubles.first(where: { $0.consumer == service && $0.eventID == event.id }) {
            append(
                event, service, trouble.retryAt == nil ? .parked : .retrying, before, before, [],
                attempts: trouble.attempts)
            return
        }
        let (disposition, after) = silence(of: service, on: event.type, from: before)
        states[service] = after
        append(event, service, disposition, before, after, deltas(of: service, from: before, to: after))
    }

    /// Whether a service that emitted nothing handled an event: its row tells.
    private func silence(
        of service: ServiceID, on event: EventType, from state: String?
    ) -> (JourneyReaction.Disposition, String?) {
        let isOver = evidence.order.view.settledAt != nil
        if RefundSteps.events.contains(event) { return silenceInRefund(of: service, on: event, from: state) }
        if service == OtherSteps.orders { return silenceOfOrders(on: event, from: state, isOver) }
        let row = evidence.rows[service]?.state
        if service == OtherSteps.payments {
            guard let row else { return (isOver ? .ignored : .waiting, state) }
            return state == nil && row != StepRule.tombstone ? (.applied, "PROCESSING") : (.ignored, state ?? row)
        }
        guard let rule = StepRule.byService[service] else { return (.ignored, state) }
        let undoes = graph.nodes.contains { $0.service == service && $0.consumes == event && !$0.undoes.isEmpty }
        if undoes, state == StepRule.held {
            return row == StepRule.held ? (.waiting, state) : (.applied, rule.returned)
        }
        if undoes, state == nil {
            guard let row else { return (.waiting, nil) }
            return row == StepRule.tombstone ? (.applied, row) : (.ignored, nil)
        }
        // A step that was overtaken, or is still to come.
        let isAwaited =
            !isOver && !undoes && (state == nil ? row == nil : state == StepRule.held && row == StepRule.held)
        return (isAwaited ? .waiting : .ignored, state)
    }

    /// Of a refund that is under way each event is somebody's to answer; only acknowledgements and the gateway are waited for in silence.
    private func silenceInRefund(
        of service: ServiceID, on event: EventType, from state: String?
    ) -> (JourneyReaction.Disposition, String?) {
        if service == OtherSteps.orders, evidence.order.noted.contains(event) { return (.applied, state) }
        if service == OtherSteps.payments, event == InventoryReturnHeld.type,
            let refund = evidence.order.view.refund, evidence.payment?.refunds[refund.id] != nil
        {
            return (.applied, "REFUNDING")
        }
        return (evidence.openRefund == nil ? .ignored : .waiting, state)
    }

    private func silenceOfOrders(
        on event: EventType, from state: String?, _ isOver: Bool
    ) -> (JourneyReaction.Disposition, String?) {
        let order = evidence.order
        if event == PaymentProcessed.type {
            let isConfirmed = [.confirmed, .completed, .refunded].contains(order.view.state)
            return isConfirmed ? (.applied, "CONFIRMED") : (isOver ? .ignored : .waiting, state)
        }
        if order.noted.contains(event) { return (.applied, state) }
        // The first failure ends an order; what comes after it changes nothing.
        let isEnded = order.view.endedAt != nil && !order.missing.contains(event)
        return (isOver || isEnded ? .ignored : .waiting, state)
    }

    private mutating func append(
        _ event: EventTrace.Event?, _ service: ServiceID, _ disposition: JourneyReaction.Disposition, _ before: String?,
        _ after: String?, _ deltas: [JourneyDelta], attempts: Int? = nil, at time: Timestamp? = nil,
        emitted: [EventTrace.Event] = []
    ) {
        reactions.append(
            JourneyReaction(
                event: event.map(Self.mark), consumer: service, disposition: disposition, stateBefore: before,
                stateAfter: after, deltas: deltas, attempts: attempts, committedAt: time,
                emitted: emitted.map(Self.mark)))
    }

    private static func mark(_ event: EventTrace.Event) -> JourneyReaction.EventMark {
        .init(id: event.id, type: event.type, time: event.time)
    }

    private func deltas(of service: ServiceID, from before: String?, to after: String?) -> [JourneyDelta] {
        guard before != after else { return [] }
        return JourneyDeltas(order: evidence.order.view).deltas(of: service, from: before, to: after)
    }
}
