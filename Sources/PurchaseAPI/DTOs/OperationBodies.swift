import FoundationEssentials
import SagaChoreography
import SagaSQL

/// What an administrator asked for, and what is known of its outcome.
struct OperationBody: Described {
    /// Where an operation is as a whole.
    enum Progress: String, CaseIterable {
        /// Its outcome is yet to be seen.
        case requested
        /// So for half a minute; still watching.
        case noEffectYet = "no-effect-yet"
        /// The outcome of all of it was observed.
        case done
    }

    static let schema = Schema.object(
        "Operation",
        [
            .required("id", .id), .required("kind", .choice(Intervention.Kind.self)),
            .required("state", .choice(Progress.self)), .required("reason", .string), .optional("requestedBy", .id),
            .required("requestedAt", .time), .required("items", .array(of: Item.schema)),
            .optional("remaining", .count),
        ])

    /// How long an outcome may take before it is worth a word.
    private static let patience = Duration.seconds(30)

    struct Item: Encodable {
        static let schema = Schema.object(
            "OperationItem",
            [
                .required("id", .id), .required("consumer", .string), .optional("eventId", .id),
                .required("type", .string), .optional("orderId", .id),
                .required("state", .choice(Intervention.State.self)), .optional("disposition", .string),
                .required("emitted", .array(of: .string)), .optional("detail", .string),
                .optional("finishedAt", .time),
            ])

        /// The dead letter's id; for a resync the order's.
        let id: String
        let consumer: String
        let eventId: String?
        let type: String
        let orderId: String?
        let state: String
        /// How it was handled, and what that emitted.
        let disposition: String?
        let emitted: [String]
        /// The fault, or why it was left alone.
        let detail: String?
        let finishedAt: String?

        init(_ item: Intervention.Item) {
            id = item.id.uuidString.lowercased()
            consumer = item.consumer.name
            eventId = item.eventID?.uuidString.lowercased()
            type = item.type.name
            orderId = item.subject?.uuidString.lowercased()
            state = item.state.rawValue
            disposition = item.disposition?.rawValue
            emitted = item.emitted.map(\.name)
            detail = item.detail
            finishedAt = item.finishedAt?.description
        }
    }

    let id: String
    let kind: String
    let state: String
    let reason: String
    let requestedBy: String?
    let requestedAt: String
    let items: [Item]
    /// How many more fit the same and wait for another call.
    let remaining: Int64?

    init(_ operation: Intervention, at now: Timestamp, remaining: Int64? = nil) {
        id = operation.id.uuidString.lowercased()
        kind = operation.kind.rawValue
        let isLate = now - operation.requestedAt > Self.patience
        state = (operation.isDone ? Progress.done : isLate ? .noEffectYet : .requested).rawValue
        reason = operation.reason
        requestedBy = operation.actor?.uuidString.lowercased()
        requestedAt = operation.requestedAt.description
        items = operation.items.map(Item.init)
        self.remaining = remaining
    }
}

/// What an operation on dead letters would do.
struct DeadLetterPlanBody: Described {
    static let schema = Schema.object(
        "DeadLetterPlan",
        [
            .required("dryRun", .constant(true)), .required("kind", .choice(Intervention.Kind.self)),
            .required("items", .array(of: Item.schema)), .required("remaining", .count),
        ])

    struct Item: Encodable {
        static let schema = Schema.object(
            "DeadLetterPlanItem",
            [
                .required("deadLetter", DeadLetterBody.schema), .required("possible", .bool), .optional("why", .string),
                .optional("effect", .choice(["applied", "refused", "ignored", "duplicate", "parked"])),
                .required("emits", .array(of: .string)), .optional("fault", .string),
            ])

        let deadLetter: DeadLetterBody
        /// Whether the operation would take it.
        let possible: Bool
        /// Why it would leave it alone.
        let why: String?
        /// What handling it now would come to.
        private(set) var effect: String?
        private(set) var emits: [String] = []
        /// Why it would be parked again.
        private(set) var fault: String?

        init(_ item: PlannedItem) {
            deadLetter = DeadLetterBody(item.message)
            possible = item.refusal == nil
            why = item.refusal?.summary
            switch item.effect {
            case .handled(let disposition, let types):
                effect = disposition.rawValue
                emits = types.map(\.name)
            case .faults(let text), .unreadable(let text, _):
                effect = Disposition.parked.rawValue
                fault = text
            case .noEvent, nil: break
            }
        }
    }

    let dryRun = true
    let kind: String
    let items: [Item]
    /// How many more fit the same and would wait for another call.
    let remaining: Int64

    private enum CodingKeys: String, CodingKey { case dryRun, kind, items, remaining }

    init(_ kind: Intervention.Kind, _ items: [PlannedItem], remaining: Int64) {
        self.kind = kind.rawValue
        self.items = items.map(Item.init)
        self.remaining = remaining
    }
}

/// What a resync would send again.
struct ResyncPlanBody: Described {
    static let schema = Schema.object(
        "ResyncPlan",
        [
            .required("dryRun", .constant(true)),
            .required(
                "events",
                .array(
                    of: .object(
                        "HeldEvent",
                        [.required("id", .id), .required("type", .string), .required("source", .string)]))),
        ])

    struct Event: Encodable {
        let id: String
        let type: String
        /// The service that sends it again.
        let source: String
    }

    let dryRun = true
    /// In the order in which they were emitted.
    let events: [Event]

    private enum CodingKeys: String, CodingKey { case dryRun, events }

    init(_ envelopes: [Envelope]) {
        events = envelopes.map {
            Event(id: $0.id.uuidString.lowercased(), type: $0.type.name, source: $0.source.name)
        }
    }
}
