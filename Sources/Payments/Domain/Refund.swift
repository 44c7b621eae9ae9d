import PurchaseContracts
import SagaChoreography

/// How far the giving back of a completed order's money has come, for one refund.
public enum RefundState: String, Sendable, Hashable, CaseIterable {
    /// The gateway is to be asked, or was.
    case refunding = "REFUNDING"
    /// The gateway gave the money back, or there was none to give back.
    case refunded = "REFUNDED"
    /// The gateway keeps the money: the payment is captured as before.
    case refused = "REFUSED"
}

/// The row of one refund.
struct Refund: Sendable {
    let id: RefundID
    let orderID: OrderID
    let state: RefundState
    /// Calls to the gateway, the one under way included.
    let attempts: Int
    /// The inventory.return.held event that began it, and its trace.
    let origin: Origin
}

/// What a gateway's answer makes of a refund.
enum RefundTransition: Sendable, Equatable {
    /// The refund's pivot.
    case giveBack
    case keep
    case askAgain
    /// The answer comes too late to matter, or is about something else.
    case stale
}

extension Refund {
    /// What follows from an answer to call number `attempt`; as for a payment, a definite answer counts whichever call it belongs to.
    func transition(on verdict: GatewayVerdict, attempt: Int) -> RefundTransition {
        guard state == .refunding else { return .stale }
        switch verdict {
        case .refunded: return .giveBack
        case .refundRefused: return .keep
        case .unknown: return attempt == attempts ? .askAgain : .stale
        case .captured, .declined: return .stale
        }
    }

    /// What an event of the gateway about this very refund means for it.
    func reading(of event: GatewayEvent) -> Payment.Reading {
        guard let verdict = event.verdict, event.phase == .refund else { return .contradiction }
        switch (state, event.kind) {
        case (.refunding, _): return attempts == 0 ? .early : .answers(verdict)
        case (.refunded, .refundSucceeded), (.refused, .refundRefused): return .known
        case (.refunded, _), (.refused, _): return .contradiction
        }
    }
}
