import Logging
import Payments
import SagaChoreography
import Synchronization

/// A payment gateway at the other end of a network.
///
/// Whatever is not an explicit yes or no of this very charge leaves its outcome open. A charge whose outcome is open is looked up
/// by its key at once, for most often the gateway did what it was asked and only its answer was lost.
public final class HTTPPaymentGateway: PaymentGateway {
    private let transport: any GatewayTransport
    private let clock: any SagaClock
    private let random: any RandomSource
    private let logger: Logger
    private let watch: (any GatewayWatch)?
    private let breaker: Mutex<CircuitBreaker>

    public init(
        _ transport: any GatewayTransport, breaker: CircuitBreaker = CircuitBreaker(), clock: any SagaClock,
        random: any RandomSource, logger: Logger, watch: (any GatewayWatch)? = nil
    ) {
        self.transport = transport
        self.clock = clock
        self.random = random
        self.logger = logger
        self.watch = watch
        self.breaker = Mutex(breaker)
    }

    public var book: GatewayBook { .elsewhere }

    public var readiness: GatewayReadiness { breaker.withLock { $0.readiness(at: clock.now()) } }

    public func charge(_ request: ChargeRequest) async -> ChargeAnswer {
        let asked = await ask(.charge, GatewayMessages.charge(request), about: request.key, open: ChargeAnswer.unknown)
        {
            GatewayMessages.readCharge($0, for: request)
        }
        guard case .unknown(let why) = asked.answer, asked.mayHaveArrived, !Task.isCancelled else {
            return asked.answer
        }
        let found = await ask(.lookUp, GatewayMessages.lookUp(request), about: request.key, open: ChargeAnswer.unknown)
        {
            GatewayMessages.readCharge($0, for: request)
        }
        if case .unknown(let later) = found.answer { return .unknown(why: "\(why); looked up: \(later)") }
        return found.answer
    }

    public func refund(_ request: RefundRequest) async -> RefundAnswer {
        await ask(.refund, GatewayMessages.refund(request), about: request.key, open: RefundAnswer.unknown) {
            GatewayMessages.readRefund($0, for: request)
        }.answer
    }

    /// One exchange, unless the gateway is left alone.
    private func ask<Answer: GatewayDecision>(
        _ operation: GatewayOperation, _ message: GatewayRequest, about key: String, open: (String) -> Answer,
        _ read: (GatewayReply) -> GatewayMessages.Reading<Answer>
    ) async -> (answer: Answer, mayHaveArrived: Bool) {
        let ticket: CircuitBreaker.Ticket
        switch breaker.withLock({ $0.admit(at: clock.now()) }) {
        case .admitted(let admitted): ticket = admitted
        case .refused(let until):
            watch?.called(operation, .notAsked)
            return (open("not asked: the gateway is left alone until \(until)"), false)
        }
        var message = message
        message.traceparent = TraceContext.outgoing(random).traceparent
        do {
            let reading = read(try await transport.exchange(message))
            note(ticket, isFailure: reading.concern == .outage)
            watch?.called(operation, reading.answer.isDecision ? .decided : .open)
            report(reading.concern, reading.answer, key)
            // Overload and trouble over there may have come after the charge was made.
            return (reading.answer, reading.concern != .refusedRequest)
        } catch {
            // That we give up ourselves says nothing of the gateway.
            note(ticket, isFailure: error != .abandoned)
            watch?.called(operation, .open)
            logger.info("no answer of the payment gateway", metadata: ["key": "\(key)", "why": "\(error.why)"])
            return (open(error.why), error.mayHaveArrived)
        }
    }

    private func note(_ ticket: CircuitBreaker.Ticket, isFailure: Bool) {
        let change = breaker.withLock {
            $0.record(ticket, isFailure: isFailure, at: clock.now(), random: random)
        }
        switch change {
        case .opened(let until):
            watch?.rests(true)
            logger.warning("the payment gateway is down and left alone", metadata: ["until": "\(until)"])
        case .closed:
            watch?.rests(false)
            logger.notice("the payment gateway is back")
        case nil:
            break
        }
    }

    private func report(_ concern: GatewayMessages.Concern, _ answer: some Sendable, _ key: String) {
        let metadata: Logger.Metadata = ["key": "\(key)", "answer": "\(answer)"]
        switch concern {
        case .none: break
        case .outage: logger.info("the payment gateway is in trouble", metadata: metadata)
        case .refusedRequest:
            logger.error(
                "the payment gateway does not take our requests: look at the configuration", metadata: metadata)
        case .unusable: logger.error("the payment gateway answered what means nothing here", metadata: metadata)
        }
    }
}

/// An answer that may leave the outcome open.
private protocol GatewayDecision: Sendable, Equatable {
    var isDecision: Bool { get }
}

extension ChargeAnswer: GatewayDecision {
    fileprivate var isDecision: Bool { if case .unknown = self { false } else { true } }
}

extension RefundAnswer: GatewayDecision {
    fileprivate var isDecision: Bool { if case .unknown = self { false } else { true } }
}
