import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Opens the payment once everything is reserved. The gateway is called by a worker over the row, never from here: a commit
/// whose outcome is unknown must not lose the call.
///
/// It takes nothing itself, and an order only ends undone after Payments said so, or before it was asked: order.failed and
/// order.cancelled find nothing to give back here.
struct BeginPayment: Reaction {
    static let id: ReactionID = "payments.begin-payment"

    func react(to event: ItemReserved, in step: SQLStep) throws -> Reply<PaymentProcessed?, Never> {
        let payments = PaymentStore(step)
        // Nothing to pay is paid at once: asking the gateway to capture zero would only add a way to fail.
        let isFree = event.order.final == .zero
        let causedBy = step.handling.first?.id
        guard try payments.open(event.order, as: isFree ? .captured : .processing, causedBy: causedBy) else {
            let isTombstone = try payments.payment(of: event.order.id)?.state == .tombstone
            return .ignore(isTombstone ? .tombstone : .duplicate)
        }
        return .accept(isFree ? PaymentProcessed(order: event.order) : nil)
    }
}
