import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// What a gateway's answer to a charge leads to.
public typealias DecidedPayment = Either<PaymentProcessed, PaymentFailed>
/// What its answer to a refund leads to.
public typealias DecidedRefund = Either<PaymentRefunded, PaymentRefundRefused>

/// Records what the gateway answered to a batch of calls and tells the others what was decided.
public struct RecordGatewayAnswers: Command {
    public static let id: ReactionID = "payments.record-gateway-answers"
    let answers: [GatewayAnswer]

    public init(_ answers: [GatewayAnswer]) {
        self.answers = answers
    }

    /// - Returns: how many payments were decided by this, in either direction.
    public func execute(in step: SQLStep) throws -> Decision<Int, [Either<DecidedPayment, DecidedRefund>]> {
        if step.maySuppose, let decision = try capture(in: step) { return decision }
        let payments = PaymentStore(step)
        var events: [Either<DecidedPayment, DecidedRefund>] = []
        var origins: [UUID: Origin] = [:]
        // Read again under lock: cancelling may have been asked while the calls were under way.
        let found = try payments.payments(of: answers.map(\.call.orderID))
        var captured: [(order: OrderID, reference: String)] = []
        for answer in answers.sorted(by: { $0.call.orderID < $1.call.orderID }) {
            guard let payment = found[answer.call.orderID] else {
                throw SagaFault.permanent(.contract, "the gateway answered for an order without payment")
            }
            if let id = answer.call.refundID {
                guard let (event, origin) = try refund(id, of: payment.order, by: answer, in: step) else { continue }
                events.append(.second(event))
                origins[payment.order.id.uuid] = origin
                continue
            }
            let transition = payment.transition(
                on: answer.verdict, to: answer.call.phase, attempt: answer.call.attempt)
            if case .capture(let reference) = transition {
                captured.append((payment.order.id, reference))
            } else {
                try payments.apply(transition, of: answer, to: payment)
            }
            if let event = Self.event(of: transition, of: payment.order) {
                events.append(.first(event))
                origins[payment.order.id.uuid] = payment.origin
            }
        }
        try payments.capture(captured)
        return Decision(events.count, emits: events, origins: origins)
    }

    /// Captured at the first call, which is what the gateway nearly always answers: then everything is known without reading, except that
    /// nobody asked to cancel meanwhile, which is supposed.
    ///
    /// - Returns: `nil` if the gateway answered something else to one of the calls.
    private func capture(in step: SQLStep) throws -> Decision<Int, [Either<DecidedPayment, DecidedRefund>]>? {
        var captured: [(order: OrderID, reference: String)] = []
        var events: [Either<DecidedPayment, DecidedRefund>] = []
        var origins: [UUID: Origin] = [:]
        for answer in answers.sorted(by: { $0.call.orderID < $1.call.orderID }) {
            guard let opening = answer.call.opening, case .captured(let reference) = answer.verdict else { return nil }
            captured.append((opening.order.id, reference))
            events.append(.first(.first(PaymentProcessed(order: opening.order))))
            origins[opening.order.id.uuid] = opening.origin
        }
        try PaymentStore(step).capture(captured)
        return Decision(events.count, emits: events, origins: origins)
    }

    private func refund(
        _ id: RefundID, of order: OrderFacts, by answer: GatewayAnswer, in step: SQLStep
    ) throws -> (DecidedRefund, Origin)? {
        let refunds = RefundStore(step)
        guard let refund = try refunds.refund(id), refund.orderID == order.id else {
            throw SagaFault.permanent(.contract, "the gateway answered for a refund that nobody opened")
        }
        let transition = refund.transition(on: answer.verdict, attempt: answer.call.attempt)
        try refunds.apply(transition, of: answer, to: refund)
        switch transition {
        case .giveBack: return (.first(PaymentRefunded(order: order, refundID: id)), refund.origin)
        case .keep:
            let refused = PaymentRefundRefused(order: order, refundID: id, refusal: Refusal(.refundRefused))
            return (.second(refused), refund.origin)
        case .askAgain, .stale: return nil
        }
    }

    private static func event(of transition: PaymentTransition, of order: OrderFacts) -> DecidedPayment? {
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
