import FoundationEssentials
import Journeys
import Orders
import SagaChoreography
import SagaSQL

/// The answer to GET /orders/{id}/journey.
struct JourneyBody: Described {
    static let schema = Schema.object(
        "Journey",
        [
            .required("orderId", .id), .required("status", .choice(OrderState.self)),
            .required("orderedAt", .time), .required("deadline", .time), .optional("endedAt", .time),
            .optional("settledAt", .time), .required("at", .time), .required("money", .choice(MoneyPlace.self)),
            .required("verdict", VerdictBody.schema), .required("expected", .array(of: ExpectationBody.schema)),
            .required("states", .array(of: ServiceStateBody.schema)),
            .required("reactions", .array(of: ReactionBody.schema)),
            .optional("troubles", .array(of: TroubleBody.schema)), .required("whole", .bool),
        ])

    let orderId: String
    let status: String
    let orderedAt: String
    let deadline: String
    let endedAt: String?
    let settledAt: String?
    /// When it was looked at.
    let at: String
    let money: String
    let verdict: VerdictBody
    let expected: [ExpectationBody]
    let states: [ServiceStateBody]
    let reactions: [ReactionBody]
    /// Only for administrators.
    let troubles: [TroubleBody]?
    /// `false`: some reactions are told from what they left behind, without the ids of their events.
    let whole: Bool

    /// - Parameter isForOperators: whether reasons of faults are told: they name what nobody else has to know.
    init(_ journey: Journey, in language: Language, isForOperators: Bool) {
        orderId = journey.order.id.description
        status = journey.order.shown.rawValue
        orderedAt = journey.order.orderedAt.description
        deadline = journey.order.deadline.description
        endedAt = journey.order.endedAt?.description
        settledAt = journey.order.settledAt?.description
        at = journey.at.description
        money = journey.money.rawValue
        verdict = VerdictBody(
            journey.verdict, of: journey.order.id.description, in: language, isForOperators: isForOperators)
        expected = journey.expected.map { ExpectationBody($0, at: journey.at) }
        states = journey.states.map { ServiceStateBody($0.service, $0.row) }
        reactions = journey.reactions.map(ReactionBody.init)
        troubles = isForOperators ? journey.troubles.map(TroubleBody.init) : nil
        whole = journey.isWhole
    }
}

/// What a journey comes to, in words too.
struct VerdictBody: Described {
    static let schema = Schema.object(
        "JourneyVerdict",
        [
            .required("code", .choice(JourneyVerdict.Code.self)), .required("stuck", .bool),
            .required("sentence", .string), .optional("advice", .string),
            .required("parameters", .map(of: .string)),
            .required(
                "actions",
                .array(
                    of: .object(
                        "JourneyAction",
                        [.required("action", .choice(JourneyVerdict.Action.self)), .optional("href", .string)]))),
        ])

    struct Action: Encodable {
        let action: String
        /// Where the API has it.
        let href: String?
    }

    let code: String
    /// Whether somebody has to look.
    let stuck: Bool
    let sentence: String
    let advice: String?
    let parameters: [String: String]
    let actions: [Action]

    init(_ verdict: JourneyVerdict, of order: String, in language: Language, isForOperators: Bool) {
        let shown = isForOperators ? verdict : verdict.withoutReason
        code = shown.code.rawValue
        stuck = shown.isStuck
        sentence = language.sentence(for: shown)
        // What an operator is to do is nothing to a customer, who may not open it either.
        advice = isForOperators ? language.advice(for: shown) : nil
        parameters = Dictionary(uniqueKeysWithValues: shown.parameters.map { ($0.key.rawValue, $0.value) })
        let actions = shown.actions.filter { isForOperators || $0 == .wait || $0 == .openPayment }
        self.actions = actions.map { action in
            switch action {
            case .openService: Action(action: action.rawValue, href: "/admin/services")
            case .openPayment: Action(action: action.rawValue, href: "/payments/\(order)")
            case .openDeadLetter: Action(action: action.rawValue, href: "/admin/dead-letters?orderId=\(order)")
            case .resync: Action(action: action.rawValue, href: "/admin/orders/\(order)/resync")
            case .wait, .openRunBook: Action(action: action.rawValue, href: nil)
            }
        }
    }
}

/// An event that an order waits for.
struct ExpectationBody: Described {
    static let schema = Schema.object(
        "Expectation",
        [
            .required("event", .string), .required("service", .string), .optional("after", .string),
            .required("since", .time), .required("due", .time), .required("late", .bool),
            .optional("usualMilliseconds", .count),
        ])

    let event: String
    let service: String
    /// What that service has to react to.
    let after: String?
    let since: String
    let due: String
    let late: Bool
    /// What nineteen of twenty orders took lately.
    let usualMilliseconds: Int64?

    init(_ expected: Expectation, at now: Timestamp) {
        event = expected.event.name
        service = expected.owner.name
        after = expected.trigger?.name
        since = expected.since.description
        due = expected.due.description
        late = expected.isLate(at: now)
        usualMilliseconds = expected.usual?.wholeMilliseconds
    }
}

/// Where a service's row of the order stands.
struct ServiceStateBody: Described {
    static let schema = Schema.object(
        "ServiceState",
        [
            .required("service", .string), .required("state", .string), .required("settled", .bool),
            .required("openedAt", .time), .required("changedAt", .time),
        ])

    let service: String
    let state: String
    let settled: Bool
    let openedAt: String
    let changedAt: String

    init(_ service: ServiceID, _ row: SagaStates.Row) {
        self.service = service.name
        state = row.state
        settled = row.isSettled
        openedAt = row.openedAt.description
        changedAt = row.changedAt.description
    }
}

/// A message that a consumer could not handle.
struct TroubleBody: Described {
    static let schema = Schema.object(
        "Trouble",
        [
            .required("consumer", .string), .required("eventId", .id), .optional("event", .string),
            .required("attempts", .count), .required("reason", .string), .optional("retryAt", .time),
            .required("alarm", .bool),
        ])

    let consumer: String
    let eventId: String
    let event: String?
    let attempts: Int
    let reason: String
    /// When it is tried again; missing if it was given up.
    let retryAt: String?
    let alarm: Bool

    init(_ trouble: SagaTrouble) {
        consumer = trouble.consumer.name
        eventId = trouble.eventID.uuidString.lowercased()
        event = trouble.type?.name
        attempts = trouble.attempts
        reason = trouble.reason
        retryAt = trouble.retryAt?.description
        alarm = trouble.isAlarm
    }
}
