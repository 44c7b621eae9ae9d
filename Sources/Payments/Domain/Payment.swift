import FoundationEssentials
import PurchaseContracts
import SagaChoreography

/// The payment of one order, as its state row says.
struct Payment: Sendable {
    let order: OrderFacts
    let state: PaymentState
    let phase: PaymentPhase
    /// Whether a first call to the gateway was committed to. From then on only the gateway knows whether money moved.
    let isAttempted: Bool
    /// The cancel flag: what the first request to cancel gave as its cause.
    let cancel: PaymentFailure?
    /// The gateway's name for the captured charge.
    let reference: String?
    /// Calls of the present phase, the one under way included.
    let attempts: Int
    let createdAt: Timestamp
    /// When it left PROCESSING, or became a tombstone.
    let decidedAt: Timestamp?
    /// The item.reserved event that began it, and its trace.
    let origin: Origin
}

/// What a gateway's answer makes of a payment.
enum PaymentTransition: Sendable, Equatable {
    case capture(reference: String)
    /// Captured, but cancelling was asked meanwhile.
    case giveBack(reference: String)
    case decline(PaymentFailure)
    case refund(PaymentFailure)
    /// The gateway keeps the money: the order can only go on.
    case keepCapture
    case askAgain
    /// The answer comes too late to matter: another call decided.
    case stale
}

extension Payment {
    /// What follows from an answer to call number `attempt` of a phase.
    ///
    /// A definite answer counts whichever call it belongs to, for all calls of a phase share one idempotency key. Not knowing
    /// counts only for the latest call, so that a straggler does not put off a fresh attempt.
    func transition(on verdict: GatewayVerdict, to asked: PaymentPhase, attempt: Int) -> PaymentTransition {
        guard state == .processing, phase == asked else { return .stale }
        switch (asked, verdict) {
        case (.charge, .captured(let reference)):
            return cancel == nil ? .capture(reference: reference) : .giveBack(reference: reference)
        case (.charge, .declined):
            return .decline(cancel ?? .declined)
        case (.refund, .refunded):
            return .refund(cancel ?? .declined)
        case (.refund, .refundRefused):
            return .keepCapture
        case (_, .unknown):
            return attempt == attempts ? .askAgain : .stale
        case (.charge, .refunded), (.charge, .refundRefused), (.refund, .captured), (.refund, .declined):
            return .stale
        }
    }
}
