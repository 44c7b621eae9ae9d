import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Records what the gateway told of its own accord, exactly as the answer to a call would be, and that it told it.
public struct RecordGatewayEvent: Command {
    public static let id: ReactionID = "payments.record-gateway-event"

    /// What became of an event.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// It decided the payment, or the next step of it.
        case applied
        /// It said what was known; nothing changed.
        case known
        /// It was taken in before; nothing changed.
        case duplicate
        /// Its payment was not begun: it is not recorded, and the gateway is to send it again.
        case early
        /// It says that money is not where the payment says. Recorded for a person, with an alarm; the payment stays as it is.
        case contradiction
        /// Its id belongs to another event; nothing changed.
        case reused
    }

    let event: GatewayEvent

    public init(_ event: GatewayEvent) { self.event = event }

    public func execute(in step: SQLStep) throws
        -> Decision<Outcome, [Either<DecidedPayment, DecidedRefund>]>
    {
        let events = GatewayEventStore(step: step)
        // Locked first: of two copies that come at the same time the second finds what the first one recorded.
        guard let payment = try PaymentStore(step).payment(of: event.orderID) else { return Decision(.early) }
        if let digest = try events.digest(of: event.id) {
            return Decision(digest == event.digest ? .duplicate : .reused)
        }
        let refunds = event.phase == .refund ? try RefundStore(step).refunds(of: payment.order.id) : []
        let refund = refund(among: refunds)
        switch reading(payment, refund, isRefundedByAdmin: refunds.contains { $0.state == .refunded }) {
        case .early:
            return Decision(.early)
        case .known:
            try events.record(event, as: .known)
            return Decision(.known)
        case .contradiction:
            try events.record(event, as: .contradiction)
            try alarm(payment, in: step)
            return Decision(.contradiction)
        case .answers(let verdict):
            try events.record(event, as: .applied)
            let call = ClaimedPayment(
                orderID: payment.order.id, phase: payment.phase, amount: event.amount, currency: event.currency,
                reference: payment.reference, attempt: refund?.attempts ?? payment.attempts,
                traceparent: (refund?.origin ?? payment.origin).traceparent, refundID: refund?.id)
            let recorded = try RecordGatewayAnswers([GatewayAnswer(call, verdict, retryAfter: .zero)]).execute(in: step)
            return Decision(.applied, emits: recorded.emitted, origins: recorded.origins)
        }
    }

    /// The refund that the event is about: the one that it names, or the one that is open.
    private func refund(among refunds: [Refund]) -> Refund? {
        guard let id = event.refundID else { return refunds.first { $0.state == .refunding } }
        return refunds.first { $0.id == id }
    }

    private func reading(_ payment: Payment, _ refund: Refund?, isRefundedByAdmin: Bool) -> Payment.Reading {
        let reading = payment.reading(of: event, isRefundedByAdmin: isRefundedByAdmin)
        // What the payment says of amount, currency and charge counts for its refunds, too.
        guard event.refundID != nil, payment.agrees(with: event) else { return reading }
        guard let refund else { return .contradiction }
        return refund.reading(of: event)
    }

    private func alarm(_ payment: Payment, in step: SQLStep) throws {
        var details = [
            "event": event.id, "kind": event.kind.rawValue, "amount": String(event.amount.minorUnits),
            "currency": event.currency.code, "due": String(payment.order.final.minorUnits),
            "state": payment.state.rawValue,
        ]
        details["reference"] = event.reference
        try AuditLog.write(
            AuditRecord(
                service: PaymentsParticipant.service, action: "payments.gateway-contradicts", resource: "payment",
                resourceID: payment.order.id.description, actor: nil, status: .failed, severity: .incident,
                details: details, correlationID: payment.order.id.uuid),
            in: step)
    }
}

/// Removes events that came so long ago that the gateway does not send them again.
struct PruneGatewayEvents: Command {
    static let id: ReactionID = "payments.prune-gateway-events"
    let age: Duration
    let limit: Int

    func execute(in step: SQLStep) throws -> Decision<Int, Never> {
        Decision(try GatewayEventStore(step: step).prune(before: step.now + (.zero - age), limit: limit))
    }
}
