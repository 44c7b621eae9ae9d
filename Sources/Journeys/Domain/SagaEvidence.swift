import Orders
import Payments
import PurchaseContracts
import SagaChoreography
import SagaSQL

/// What the services' rows prove of an order: which events must have happened, and when as far as a row tells.
///
/// Rows are found by the order's id, however many orders there are; events are not. So this is what lists of orders are judged by.
struct SagaEvidence: Sendable {
    let order: OrderStanding
    /// By service; one that never heard of the order is missing.
    let rows: [ServiceID: SagaStates.Row]
    let payment: PaymentAsking?
    private(set) var events: Set<EventType> = []
    private(set) var times: [EventType: Timestamp] = [:]

    init(_ order: OrderStanding, _ rows: [ServiceID: SagaStates.Row], _ payment: PaymentAsking?) {
        self.order = order
        self.rows = rows
        self.payment = payment
        events = order.noted
        noteOrder()
        for rule in StepRule.all { note(rule) }
        notePayment()
        noteRefund()
    }

    func has(_ event: EventType) -> Bool { events.contains(event) }

    private mutating func note(_ event: EventType, at time: Timestamp?) {
        events.insert(event)
        if let time { times[event] = time }
    }

    private mutating func noteOrder() {
        let view = order.view
        let hasCoupon = view.coupon != nil
        if hasCoupon { note(CouponValidationRequested.type, at: view.orderedAt) }
        let coupon = rows["coupons"]
        let wasBegun =
            !hasCoupon || coupon.map { $0.state != StepRule.rejected && $0.state != StepRule.tombstone } ?? false
        if view.state != .pending, wasBegun {
            note(OrderCreated.type, at: hasCoupon ? coupon?.openedAt : view.orderedAt)
        }
        if view.cancelRequested != nil { note(OrderCancelRequested.type, at: view.updatedAt) }
        switch view.state {
        case .pending, .processing, .confirmed: break
        case .completed, .refunded: note(OrderCompleted.type, at: view.endedAt)
        case .failed: note(OrderFailed.type, at: view.endedAt)
        case .cancelled: note(OrderCancelled.type, at: view.endedAt)
        }
        if view.settledAt != nil { note(OrderSettled.type, at: view.settledAt) }
    }

    private mutating func note(_ rule: StepRule) {
        guard let row = rows[rule.service] else { return }
        for event in rule.events(behind: row.state) {
            // When the saga is settled the row's last change is that.
            let later = row.isSettled || row.state != rule.kept ? nil : row.changedAt
            note(event, at: event == rule.keeps ? later : row.openedAt)
        }
    }

    /// Of the last refund; those before it came to nothing.
    private mutating func noteRefund() {
        guard let refund = order.view.refund else { return }
        note(OrderRefundRequested.type, at: refund.openedAt)
        switch refund.state {
        case .failed:
            let wasHeld = payment?.refunds[refund.id] == .refused
            note(wasHeld ? InventoryReturnCancelled.type : InventoryReturnRefused.type, at: refund.closedAt)
            note(OrderRefundFailed.type, at: refund.closedAt)
        case .refunded: note(OrderRefunded.type, at: refund.closedAt)
        case .open: break
        }
        for (service, event) in [
            ("inventory" as ServiceID, InventoryReturned.type), ("items", ItemRestocked.type),
            ("users", WalletCredited.type),
        ] {
            guard let row = rows[service], row.state == RefundSteps.state(after: event) else { continue }
            note(event, at: row.isSettled ? nil : row.changedAt)
        }
        if let row = rows["inventory"], row.state == RefundSteps.state(after: InventoryReturnHeld.type) {
            note(InventoryReturnHeld.type, at: row.changedAt)
        }
        switch payment?.refunds[refund.id] {
        case .refunding: note(InventoryReturnHeld.type, at: payment?.startedAt)
        case .refunded:
            note(InventoryReturnHeld.type, at: times[InventoryReturnHeld.type])
            note(PaymentRefunded.type, at: payment?.decidedAt)
        case .refused:
            note(InventoryReturnHeld.type, at: times[InventoryReturnHeld.type])
            note(PaymentRefundRefused.type, at: nil)
        case nil: break
        }
    }

    private mutating func notePayment() {
        guard let payment else { return }
        switch payment.state {
        case .processing: break
        case .captured, .refunding: note(PaymentProcessed.type, at: payment.decidedAt)
        // By a refund: when it was captured the row no longer tells.
        case .refunded where payment.refunds.values.contains(.refunded): note(PaymentProcessed.type, at: nil)
        case .declined, .refunded, .tombstone: note(PaymentFailed.type, at: payment.decidedAt)
        }
    }
}
