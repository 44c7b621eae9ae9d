import Orders
import Payments
import PurchaseContracts
import SagaChoreography

/// What the events of a refund say of services' rows, as ``StepRule`` does for an order's own events.
enum RefundSteps {
    /// The state that an event leaves the row of its service in; `nil`: it says nothing of it.
    static func state(after event: EventType) -> String? {
        switch event {
        case InventoryReturnHeld.type: "RETURNING"
        case InventoryReturnCancelled.type: "GRANTED"
        case InventoryReturned.type: "RETURNED"
        case PaymentRefunded.type: "REFUNDED"
        case PaymentRefundRefused.type: "CAPTURED"
        case ItemRestocked.type: "RESTOCKED"
        case WalletCredited.type: "REFUNDED"
        case OrderRefunded.type: "REFUNDED"
        default: nil
        }
    }

    /// Every event that a refund is carried on by.
    static let events: Set<EventType> = [
        OrderRefundRequested.type, InventoryReturnHeld.type, InventoryReturnRefused.type, InventoryReturnCancelled.type,
        InventoryReturned.type, PaymentRefunded.type, PaymentRefundRefused.type, ItemRestocked.type,
        WalletCredited.type,
    ]

    static let refusals: Set<EventType> = [InventoryReturnRefused.type, PaymentRefundRefused.type]
}

extension SagaEvidence {
    /// The refund that is under way, if one is.
    var openRefund: RefundView? { order.view.refund.flatMap { $0.state == .open ? $0 : nil } }

    /// What an open refund waits for: who is next on the way to the acknowledgements that are missing, or to its failure.
    func refundSteps(_ graph: ChoreographyGraph) -> [ChoreographyGraph.NextStep] {
        guard let refund = openRefund else { return [] }
        if has(PaymentRefundRefused.type) { return graph.next(toward: InventoryReturnCancelled.type, after: events) }
        let steps = refund.missing.flatMap { event in
            // It happened, and Orders does not know.
            has(event)
                ? [ChoreographyGraph.NextStep(event: OrderRefunded.type, owner: OtherSteps.orders, trigger: event)]
                : graph.next(toward: event, after: events)
        }
        // The three ways have their beginning in common.
        return Set(steps).sorted { ($0.event, $0.owner) < ($1.event, $1.owner) }
    }
}
