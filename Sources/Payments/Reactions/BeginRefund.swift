import PurchaseContracts
import SagaChoreography
import SagaSQL

/// inventory.return.held → the money is to be given back: at once where none was paid, else the gateway is asked by a worker over the
/// row. Its yes is the refund's pivot.
struct BeginRefund: Reaction {
    static let id: ReactionID = "payments.begin-refund"  // Inbox key: never rename.

    func react(to event: InventoryReturnHeld, in step: SQLStep) throws -> Reply<PaymentRefunded?, Never> {
        let refunds = RefundStore(step)
        let payment = try PaymentStore(step).payment(of: event.order.id)
        guard try refunds.refund(event.refundID) == nil else { return .ignore(.duplicate) }
        guard let payment, payment.state == .captured else {
            throw SagaFault.alarm("payments: inventory.return.held for an order whose payment is not captured")
        }
        let envelope = step.handling.first
        try refunds.open(
            event.refundID, of: payment, origin: Origin(event: envelope?.id, traceparent: envelope?.traceparent))
        // Asking the gateway to give back nothing would only add a way to fail.
        return .accept(
            payment.order.final == .zero ? PaymentRefunded(order: payment.order, refundID: event.refundID) : nil)
    }
}
