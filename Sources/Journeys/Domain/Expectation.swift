import Orders
import PurchaseContracts
import SagaChoreography

/// An event that an order waits for.
public struct Expectation: Sendable, Hashable {
    public let event: EventType
    /// The service that has to emit it.
    public let owner: ServiceID
    /// What that service has to react to; `nil` if nothing.
    public let trigger: EventType?
    /// When the trigger happened: since then it is the owner's turn.
    public let since: Timestamp
    /// What nineteen of twenty orders took lately; `nil` if too few are known.
    public let usual: Duration?
    /// When it counts as late.
    public let due: Timestamp

    /// Whether it should have happened.
    public func isLate(at now: Timestamp) -> Bool { now > due }
}

extension SagaEvidence {
    /// What the order waits for, by the choreography: who is next on the way to what Orders waits for. Empty if it is settled.
    func expectations(_ graph: ChoreographyGraph, _ pace: StepPace) -> [Expectation] {
        steps(graph).map { step in
            let since = step.trigger.flatMap { times[$0] } ?? order.view.updatedAt
            let usual = pace.usual[step.event]
            var due = since + max(StepPace.expected, min(usual ?? .zero, StepPace.longest))
            // Before the pivot nothing is waited for beyond the order's deadline; what then follows counts from then.
            let isOpen = order.view.state == .pending || order.view.state == .processing
            if isOpen, order.view.cancelRequested == nil { due = min(due, max(order.view.deadline, since)) }
            return Expectation(
                event: step.event, owner: step.owner, trigger: step.trigger, since: since, usual: usual, due: due)
        }.sorted { ($0.due, $0.event) < ($1.due, $1.event) }
    }

    private func steps(_ graph: ChoreographyGraph) -> [ChoreographyGraph.NextStep] {
        let view = order.view
        guard view.settledAt == nil else { return [] }
        switch view.state {
        case .pending:
            if has(CouponValidated.type) { return [ordersEmits(OrderCreated.type, on: CouponValidated.type)] }
            if has(CouponValidationFailed.type) {
                return [ordersEmits(OrderFailed.type, on: CouponValidationFailed.type)]
            }
            return graph.next(toward: CouponValidated.type, after: events)
        case .processing:
            if let failure = OtherSteps.failures.first(where: has) {
                return [
                    ordersEmits(view.cancelRequested == .user ? OrderCancelled.type : OrderFailed.type, on: failure)
                ]
            }
            if has(PaymentProcessed.type) { return [ordersEmits(OrderCompleted.type, on: PaymentProcessed.type)] }
            let goal = view.cancelRequested == nil ? PaymentProcessed.type : PaymentFailed.type
            return graph.next(toward: goal, after: events)
        case .completed where openRefund != nil:
            // The coupon's use may not be acknowledged yet, whatever the refund waits for.
            let ofRefund = Set(openRefund?.missing ?? [])
            return refundSteps(graph) + waits(for: order.missing.filter { !ofRefund.contains($0) }, graph)
        case .confirmed, .completed, .refunded, .failed, .cancelled:
            return waits(for: order.missing, graph)
        }
    }

    private func waits(for missing: [EventType], _ graph: ChoreographyGraph) -> [ChoreographyGraph.NextStep] {
        let end = order.view.state == .confirmed ? OrderCompleted.type : OrderSettled.type
        return missing.flatMap { event in
            // It happened, and Orders does not know.
            has(event) ? [ordersEmits(end, on: event)] : graph.next(toward: event, after: events)
        }
    }

    private func ordersEmits(_ event: EventType, on trigger: EventType) -> ChoreographyGraph.NextStep {
        .init(event: event, owner: OtherSteps.orders, trigger: trigger)
    }
}
