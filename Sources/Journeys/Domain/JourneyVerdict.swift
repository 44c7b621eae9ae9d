import SagaChoreography

/// What an order's journey comes to: a code, what the sentence about it needs, and what may safely be done.
///
/// The wording is for whoever shows it, in the reader's language.
public struct JourneyVerdict: Sendable, Hashable {
    /// What the matter is.
    public enum Code: String, Sendable, CaseIterable {
        /// It is over, and every service knows.
        case settled
        /// What it waits for is not late.
        case onTime = "on-time"
        /// A consumer failed on a message and tries again.
        case retrying
        /// The gateway was asked, and its answer is not certain.
        case gatewayUnknown = "gateway-unknown"
        /// Its money is to be given back by a gateway that is not in use.
        case otherGateway = "other-gateway"
        /// Nobody runs the service whose turn it is.
        case consumerDown = "consumer-down"
        /// The service whose turn it is waits for something that is away.
        case consumerPaused = "consumer-paused"
        /// The service whose turn it is has more to do than it gets done.
        case consumerBehind = "consumer-behind"
        /// A consumer gave a message up.
        case parked
        /// The owner runs and has nothing to do, so the event has not reached it.
        case outboxStalled = "outbox-stalled"
        /// It ended undone, and an undo is not acknowledged.
        case undoIncomplete = "undo-incomplete"
        /// Something arrived that must never happen.
        case alarm
    }

    /// What may be done; none of it can do harm.
    public enum Action: String, Sendable, CaseIterable {
        case wait
        case openService = "open-service"
        case openPayment = "open-payment"
        case openDeadLetter = "open-dead-letter"
        case resync
        case openRunBook = "open-run-book"
    }

    /// What the sentence names.
    public enum Parameter: String, Sendable, CaseIterable {
        case status, event, owner, trigger, since, due, deadline, age, missing, consumer, message, attempts, reason
        case retryAt, activity, waiting, gateway
    }

    public let code: Code
    public let parameters: [Parameter: String]
    /// Which advice fits, beyond the code: `parked-after-payment`, …; `nil`: there is nothing to do.
    public let advice: String?
    public let actions: [Action]
    /// Whether somebody has to look at it: it does not go on by itself, or not in time.
    public let isStuck: Bool
}

extension JourneyVerdict {
    /// The same without the words of a fault, for whoever only has an order there.
    public var withoutReason: JourneyVerdict { without(.reason) }

    /// The same without one of its parameters.
    public func without(_ parameter: Parameter) -> JourneyVerdict {
        JourneyVerdict(
            code: code, parameters: parameters.filter { $0.key != parameter }, advice: advice, actions: actions,
            isStuck: isStuck)
    }
}
