import Orders
import Payments
import PurchaseContracts
import SagaChoreography
import SagaSQL

/// What follows from what was read of an order.
struct VerdictRules {
    let evidence: SagaEvidence
    let expectations: [Expectation]
    let troubles: [SagaTrouble]
    let services: ServiceStandings
    /// Where the gateway in use keeps its book; `nil`: that is not known here.
    let gateway: GatewayBook?
    let now: Timestamp

    private var view: OrderView { evidence.order.view }
    /// What the verdict is about: what should have come longest ago, or is to come first.
    private var expected: Expectation? { expectations.first }
    private var isLate: Bool { expectations.contains { $0.isLate(at: now) } }
    private var isAfterPivot: Bool { view.state == .confirmed || view.state == .completed }

    var verdict: JourneyVerdict {
        if let alarm = troubles.first(where: \.isAlarm) {
            return make(.alarm, about: alarm, advice: "alarm", [.openDeadLetter, .openRunBook], isStuck: true)
        }
        guard expected != nil else { return make(.settled, advice: nil, [], isStuck: false) }
        let inTheWay = troubles.filter(isInTheWay)
        // What was given up waits for a person, whatever else is tried again.
        if let trouble = inTheWay.first(where: { $0.retryAt == nil }) ?? inTheWay.first {
            guard trouble.retryAt == nil else {
                if let away { return away }
                return make(.retrying, about: trouble, advice: "retrying", [.wait], isStuck: isLate)
            }
            return make(
                .parked, about: trouble,
                advice: isAfterPivot || view.state.isUndoneState ? "parked-for-good" : "parked",
                [.openDeadLetter], isStuck: true)
        }
        // Who is away asks nobody and tries nothing again, whatever was written down before.
        if let away { return away }
        if let otherGateway { return otherGateway }
        if let payment = asked, payment.attempts > 1 || isLate {
            return make(
                .gatewayUnknown, [.attempts: String(payment.attempts)], advice: "gateway-unknown",
                [.openPayment, .wait],
                isStuck: isLate)
        }
        guard isLate else { return make(.onTime, advice: isOpen ? "on-time" : nil, [], isStuck: false) }
        return behind ?? undelivered
    }

    private var late: [Expectation] { expectations.filter { $0.isLate(at: now) } }

    /// Of what is late, whose owner does not run or pauses; `nil` if all of them work.
    private var away: JourneyVerdict? {
        if let expected = late.first(where: { !services[$0.owner].isRunning }) {
            return make(.consumerDown, of: expected, advice: "consumer-down", [.openService], isStuck: true)
        }
        for expected in late {
            guard let pause = services[expected.owner].pauses.first else { continue }
            return make(
                .consumerPaused, [.activity: pause.activity, .reason: pause.reason], of: expected,
                advice: "consumer-paused", [.openService], isStuck: true)
        }
        return nil
    }

    /// Of what is late, whose owner has more to do; `nil` if nobody has.
    private var behind: JourneyVerdict? {
        for expected in late {
            guard let waiting = services[expected.owner].lag, waiting > 0 else { continue }
            return make(
                .consumerBehind, [.waiting: String(waiting)], of: expected, advice: "consumer-behind",
                [.openService, .wait], isStuck: true)
        }
        return nil
    }

    private var undelivered: JourneyVerdict {
        if view.state.isUndoneState {
            return make(.undoIncomplete, advice: "undo-incomplete", [.resync], isStuck: true)
        }
        return make(.outboxStalled, advice: "outbox-stalled", [.resync], isStuck: true)
    }

    /// Only what an expected event needs holds the order up: a message that was given up may have been overtaken.
    private func isInTheWay(_ trouble: SagaTrouble) -> Bool {
        expectations.contains { expected in
            trouble.consumer == expected.owner && (trouble.type == nil || trouble.type == expected.trigger)
        }
    }

    /// If the order waits for a refund that only another gateway than the one in use can give. It never goes on so.
    private var otherGateway: JourneyVerdict? {
        guard let gateway, let expected = expectations.first(where: { $0.owner == OtherSteps.payments }),
            let payment = evidence.payment, payment.state == .refunding, payment.book != gateway
        else { return nil }
        return make(
            .otherGateway, [.gateway: payment.book == .here ? "simulated" : "http"], of: expected,
            advice: "other-gateway", [.openPayment], isStuck: true)
    }

    /// The payment, if the order waits for the gateway's answer and it was asked.
    private var asked: PaymentAsking? {
        guard expected?.owner == OtherSteps.payments, let payment = evidence.payment,
            payment.state == .processing || payment.state == .refunding, payment.isAttempted
        else { return nil }
        return payment
    }

    private var isOpen: Bool { view.state == .pending || view.state == .processing }

    private func make(
        _ code: JourneyVerdict.Code, about trouble: SagaTrouble, advice: String?, _ actions: [JourneyVerdict.Action],
        isStuck: Bool
    ) -> JourneyVerdict {
        var more: [JourneyVerdict.Parameter: String] = [
            .consumer: trouble.consumer.name, .message: trouble.type?.name ?? "?", .reason: trouble.reason,
            .attempts: String(trouble.attempts),
        ]
        more[.retryAt] = trouble.retryAt?.description
        return make(code, more, advice: advice, actions, isStuck: isStuck)
    }

    private func make(
        _ code: JourneyVerdict.Code, _ more: [JourneyVerdict.Parameter: String] = [:], of late: Expectation? = nil,
        advice: String?, _ actions: [JourneyVerdict.Action], isStuck: Bool
    ) -> JourneyVerdict {
        var parameters: [JourneyVerdict.Parameter: String] = [
            .status: view.shown.rawValue, .deadline: view.deadline.description,
        ]
        if let expected = late ?? expected {
            parameters[.event] = expected.event.name
            parameters[.owner] = expected.owner.name
            parameters[.trigger] = expected.trigger?.name
            parameters[.since] = expected.since.description
            parameters[.due] = expected.due.description
            parameters[.age] = String(max(0, (now - expected.since).wholeMilliseconds) / 1000)
            parameters[.missing] = expectations.map { "\($0.event) (\($0.owner))" }.joined(separator: ", ")
        }
        parameters.merge(more) { $1 }
        return JourneyVerdict(
            code: code, parameters: parameters, advice: advice, actions: actions, isStuck: isStuck)
    }
}

extension OrderState {
    /// Ended, and what was taken goes back.
    fileprivate var isUndoneState: Bool { self == .failed || self == .cancelled }
}
