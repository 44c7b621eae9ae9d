import FoundationEssentials
import Journeys
import Orders
import SagaChoreography

/// The answer to GET /admin/sagas.
struct SagaPageBody: Described {
    static let schema = Schema.object(
        "SagaPage", [.required("sagas", .array(of: SagaBody.schema)), .optional("next", .string)])

    let sagas: [SagaBody]
    let next: String?
}

/// An order in a list of sagas.
struct SagaBody: Described {
    static let schema = Schema.object(
        "Saga",
        [
            .required("orderId", .id), .required("userId", .id), .required("status", .choice(OrderState.self)),
            .optional("outcome", .string), .optional("cause", .string), .required("finalAmount", .amount),
            .required("currency", .currency), .required("orderedAt", .time), .required("deadline", .time),
            .required("settled", .bool), .required("ageSeconds", .count),
            .required("waitsFor", .array(of: ExpectationBody.schema)), .required("verdict", VerdictBody.schema),
        ])

    let orderId: String
    let userId: String
    let status: String
    let outcome: String?
    let cause: String?
    let finalAmount: Int64
    let currency: String
    let orderedAt: String
    let deadline: String
    let settled: Bool
    /// Since it was ordered, until it was settled or now.
    let ageSeconds: Int64
    let waitsFor: [ExpectationBody]
    let verdict: VerdictBody

    init(_ saga: SagaSummary, in language: Language) {
        let order = saga.order
        orderId = order.id.description
        userId = order.userID.description
        status = order.shown.rawValue
        outcome = order.outcome?.rawValue
        cause = order.cause?.rawValue
        finalAmount = order.final.minorUnits
        currency = order.currency.code
        orderedAt = order.orderedAt.description
        deadline = order.deadline.description
        settled = order.settledAt != nil
        ageSeconds = max(0, saga.age.components.seconds)
        waitsFor = saga.expected.map { ExpectationBody($0, at: order.orderedAt + saga.age) }
        verdict = VerdictBody(saga.verdict, of: orderId, in: language, isForOperators: true)
    }
}

/// The answer to GET /admin/services.
struct ServicesBody: Described {
    static let schema = Schema.object(
        "Services", [.required("at", .time), .required("services", .array(of: ServiceBody.schema))])

    let at: String
    let services: [ServiceBody]
}

/// How a service fares.
struct ServiceBody: Described {
    static let schema = Schema.object(
        "ServiceStanding",
        [
            .required("service", .string), .required("running", .bool),
            .required(
                "instances",
                .array(
                    of: .object(
                        "ServiceInstance",
                        [.required("id", .id), .required("since", .time), .required("aliveUntil", .time)]))),
            .optional("lag", .count), .optional("oldestWaiting", .time), .optional("oldestWaitingSeconds", .count),
            .required("retrying", .count), .required("parked", .count),
            .required(
                "paused",
                .array(
                    of: .object(
                        "ServicePause",
                        [.required("activity", .string), .required("reason", .string), .required("since", .time)]))),
        ])

    struct Instance: Encodable {
        let id: String
        let since: String
        let aliveUntil: String
    }

    struct Pause: Encodable {
        let activity: String
        let reason: String
        let since: String
    }

    let service: String
    let running: Bool
    let instances: [Instance]
    /// Events that it has yet to handle; missing if the transport cannot be asked.
    let lag: Int?
    let oldestWaiting: String?
    let oldestWaitingSeconds: Int64?
    let retrying: Int
    let parked: Int
    let paused: [Pause]

    init(_ standing: ServiceStanding, at now: Timestamp) {
        service = standing.service.name
        running = standing.isRunning
        instances = standing.instances.map { instance in
            Instance(
                id: instance.id.uuidString.lowercased(), since: instance.since.description,
                aliveUntil: instance.until.description)
        }
        lag = standing.lag
        oldestWaiting = standing.oldest?.description
        oldestWaitingSeconds = standing.oldest.map { max(0, (now - $0).components.seconds) }
        retrying = standing.retrying
        parked = standing.parked
        paused = standing.pauses.map { Pause(activity: $0.activity, reason: $0.reason, since: $0.since.description) }
    }
}

/// The answer to GET /graph.json.
struct GraphBody: Described {
    static let schema = Schema.object(
        "Graph",
        [
            .required("services", .array(of: .string)),
            .required(
                "events",
                .array(
                    of: .object(
                        "GraphEvent",
                        [
                            .required("event", .string), .required("emittedBy", .array(of: .string)),
                            .required("consumedBy", .array(of: .string)), .required("terminal", .bool),
                            .required("undoes", .bool),
                        ]))),
            .required(
                "reactions",
                .array(
                    of: .object(
                        "GraphReaction",
                        [
                            .required("service", .string), .required("name", .string), .optional("consumes", .string),
                            .required("emits", .array(of: .string)), .required("undoes", .array(of: .string)),
                            .required("compensable", .bool),
                        ]))),
        ])

    struct Event: Encodable {
        let event: String
        let emittedBy: [String]
        let consumedBy: [String]
        /// For observers outside.
        let terminal: Bool
        /// Whether it says that a saga is over and everything is to be undone.
        let undoes: Bool
    }

    struct Reaction: Encodable {
        let service: String
        let name: String
        /// Missing for a command.
        let consumes: String?
        let emits: [String]
        let undoes: [String]
        let compensable: Bool
    }

    let services: [String]
    let events: [Event]
    let reactions: [Reaction]

    init(_ graph: ChoreographyGraph) {
        services = Set(graph.nodes.map(\.service)).sorted().map(\.name)
        events = graph.events.map { event in
            Event(
                event: event.name, emittedBy: graph.emitters(of: event).map(\.name),
                consumedBy: graph.consumers(of: event).map(\.name), terminal: graph.terminal.contains(event),
                undoes: graph.aborts.contains(event))
        }
        reactions = graph.nodes.map { node in
            Reaction(
                service: node.service.name, name: node.id.name, consumes: node.consumes?.name,
                emits: node.emits.map(\.name), undoes: node.undoes.map(\.name), compensable: node.isCompensable)
        }
    }
}
