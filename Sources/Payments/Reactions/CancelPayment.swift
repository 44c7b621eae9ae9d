import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Answers whether an order can still be undone: at once while the gateway was never asked; once it was, its answer decides.
struct CancelPayment: Compensation {
    static let id: ReactionID = "payments.cancel-payment"
    static let undoes: [ReactionID] = [BeginPayment.id]

    func react(to event: OrderCancelRequested, in step: SQLStep) throws -> Reply<PaymentFailed?, Never> {
        let payments = PaymentStore(step)
        let cancel = PaymentFailure(cause: event.cause, refusal: event.refusal)
        guard let payment = try payments.payment(of: event.order.id) else {
            try payments.openTombstone(event.order, because: cancel)
            return .accept(failed(event.order, cancel))
        }
        switch payment.state {
        case .processing where !payment.isAttempted:
            try payments.bury(payment, because: cancel)
            return .accept(failed(payment.order, cancel))
        case .processing where payment.cancel == nil:
            try payments.flag(payment, toCancelBecause: cancel)
            return .accept(nil)
        case .processing, .tombstone:
            return .ignore(.duplicate)
        case .captured, .declined, .refunded, .refunding:
            return .ignore(.notExpected)  // Decided: what it emitted then answers this request too.
        }
    }

    private func failed(_ order: OrderFacts, _ cancel: PaymentFailure) -> PaymentFailed {
        PaymentFailed(order: order, cause: cancel.cause, refusal: cancel.refusal)
    }
}
