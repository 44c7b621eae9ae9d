import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Records what the gateway answered to a batch of calls and tells the others what was decided.
public struct RecordGatewayAnswers: Command {
    public static let id: ReactionID = "payments.record-gateway-answers"
    let answers: [GatewayAnswer]

    public init(_ answers: [GatewayAnswer]) {
        self.answers = answers
    }

    /// - Returns: how many payments were decided by this, in either direction.
    public func execute(in step: SQLStep) throws -> Decision<Int, [Either<PaymentProcessed, PaymentFailed>]> {
        let payments = PaymentStore(step)
        var events: [Either<PaymentProcessed, PaymentFailed>] = []
        var origins: [UUID: Origin] = [:]
        // Read again under lock: cancelling may have been asked while the calls were under way.
        let found = try payments.payments(of: answers.map(\.call.orderID))
        var captured: [(order: OrderID, reference: String)] = []
        for answer in answers.sorted(by: { $0.call.orderID < $1.call.orderID }) {
            guard let payment = found[answer.call.orderID] else {
                throw SagaFault.permanent(.contract, "the gateway answered for an order without payment")
            }
            let transition = payment.transition(
                on: answer.verdict, to: answer.call.phase, attempt: answer.call.attempt)
            if case .capture(let reference) = transition {
                captured.append((payment.order.id, reference))
            } else {
                try payments.apply(transition, of: answer, to: payment)
            }
            if let event = Self.event(of: transition, of: payment.order) {
                events.append(event)
                origins[payment.order.id.uuid] = payment.origin
            }
        }
        try payments.capture(captured)
        return Decision(events.count, emits: events, origins: origins)
    }

    private static func event(
        of transition: PaymentTransition, of order: OrderFacts
    ) -> Either<PaymentProcessed, PaymentFailed>? {
        switch transition {
        case .capture, .keepCapture:
            .first(PaymentProcessed(order: order))
        case .decline(let failure), .refund(let failure):
            .second(PaymentFailed(order: order, cause: failure.cause, refusal: failure.refusal))
        case .giveBack, .askAgain, .stale:
            nil
        }
    }
}
