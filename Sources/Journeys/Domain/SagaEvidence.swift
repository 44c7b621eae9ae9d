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
        case .completed: note(OrderCompleted.type, at: view.endedAt)
        case .failed: note(OrderFailed.type, at: view.endedAt)
        case .cancelled: note(OrderCancelled.type, at: view.endedAt)
        }
        if view.settledAt != nil { note(OrderSettled.type, at: view.settledAt) }
    }

    private mutating func note(_ rule: StepRule) {
        guard let row = rows[rule.service] else { return }
        for event in rule.events(behind: row.state) {
            // When the saga is settled the row's last change is that.
            let later = row.isSettled ? nil : row.changedAt
            note(event, at: event == rule.keeps ? later : row.openedAt)
        }
    }

    private mutating func notePayment() {
        guard let payment else { return }
        switch payment.state {
        case .processing: break
        case .captured: note(PaymentProcessed.type, at: payment.decidedAt)
        case .declined, .refunded, .tombstone: note(PaymentFailed.type, at: payment.decidedAt)
        }
    }
}
