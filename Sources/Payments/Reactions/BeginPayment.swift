import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Opens the payment once everything is reserved. The gateway is called by a worker over the row, never from here: a commit
/// whose outcome is unknown must not lose the call. If one waits for work, the row says from the first that it is being called.
///
/// It takes nothing itself, and an order only ends undone after Payments said so, or before it was asked: order.failed and
/// order.cancelled find nothing to give back here.
struct BeginPayment: BatchReaction {
    static let id: ReactionID = "payments.begin-payment"  // Inbox key: never rename.

    typealias Transaction = any SQLTransaction
    typealias Input = ItemReserved
    typealias Accepted = PaymentProcessed?
    typealias Rejected = Never

    /// Where workers wait that would call the gateway at once.
    var desk: GatewayDesk?

    func react(toAll events: [ItemReserved], in step: SQLStep) throws -> [Reply<PaymentProcessed?, Never>] {
        // Nothing to pay is paid at once: asking the gateway to capture zero would only add a way to fail.
        var room = desk?.room ?? 0
        let openings = zip(events, step.handling).map { event, envelope in
            let isPaid = event.order.final == .zero
            let isClaimed = !isPaid && room > 0
            if isClaimed { room -= 1 }
            return PaymentStore.Opening(
                order: event.order, state: isPaid ? .captured : .processing,
                origin: Origin(event: envelope.id, traceparent: envelope.traceparent),
                claim: isClaimed ? desk?.claim(at: step.now) : nil)
        }
        let found = try PaymentStore(step).open(openings)
        return openings.map { opening in
            if let state = found[opening.order.id] { return .ignore(state == .tombstone ? .tombstone : .duplicate) }
            return .accept(opening.state == .captured ? PaymentProcessed(order: opening.order) : nil)
        }
    }
}
