import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaSQL

/// A parked message.
struct DeadLetterBody: Described {
    static let schema = Schema.object(
        "DeadLetter",
        [
            .required("id", .id), .required("consumer", .string), .required("eventId", .id),
            .required("type", .string), .optional("orderId", .id), .required("kind", .choice(ParkedMessage.Kind.self)),
            .required("cause", .string), .required("attempts", .count), .required("parkedAt", .time),
        ])

    let id: String
    /// The group that could not handle it.
    let consumer: String
    let eventId: String
    let type: String
    let orderId: String?
    let kind: String
    /// The last fault, one line.
    let cause: String
    let attempts: Int
    let parkedAt: String

    init(_ message: ParkedMessage) {
        id = message.id.uuidString.lowercased()
        consumer = message.consumer.name
        eventId = message.eventID.uuidString.lowercased()
        type = message.type.name
        orderId = message.subject?.uuidString.lowercased()
        kind = message.kind.rawValue
        cause = message.cause
        attempts = message.attempts
        parkedAt = message.parkedAt.description
    }
}

/// The answer to GET /admin/dead-letters.
struct DeadLetterPageBody: Described {
    static let schema = Schema.object(
        "DeadLetterPage",
        [.required("deadLetters", .array(of: DeadLetterBody.schema)), .optional("next", .string)])

    let deadLetters: [DeadLetterBody]
    /// The cursor of the next page; missing on the last.
    let next: String?
}

/// The answer to GET /admin/dead-letters/groups.
struct DeadLetterGroupsBody: Described {
    static let schema = Schema.object(
        "DeadLetterGroups",
        [
            .required(
                "groups",
                .array(
                    of: .object(
                        "DeadLetterGroup",
                        [
                            .required("consumer", .string), .required("type", .string),
                            .required("kind", .choice(ParkedMessage.Kind.self)), .required("cause", .string),
                            .required("count", .count), .required("oldest", .time), .required("newest", .time),
                        ])))
        ])

    struct Group: Encodable {
        let consumer: String
        let type: String
        let kind: String
        let cause: String
        let count: Int64
        /// When the first and the last of them were given up.
        let oldest: String
        let newest: String

        init(_ group: ParkedGroup) {
            consumer = group.consumer.name
            type = group.type.name
            kind = group.kind.rawValue
            cause = group.cause
            count = group.count
            oldest = group.oldest.description
            newest = group.newest.description
        }
    }

    let groups: [Group]
}

/// The answer to GET /admin/dead-letters/{id}.
struct DeadLetterDetailBody: Described {
    static let schema = Schema.object(
        "DeadLetterDetail",
        [
            .required("deadLetter", DeadLetterBody.schema), .required("envelope", Schema(["type": "object"])),
            .required("readable", .bool), .optional("known", KnownFieldsBody.schema),
            .required("history", .array(of: OperationBody.schema)),
        ])

    let deadLetter: DeadLetterBody
    /// The event as it came: a CloudEvent, or its attributes with the raw data in base 64.
    let envelope: JSONValue
    /// Whether its consumer can read it as it is now.
    let readable: Bool
    /// What it must have said; missing if nobody knows, if it can be read, and while who knows is away.
    let known: KnownFieldsBody?
    /// What was done to it before, the last operation first.
    let history: [OperationBody]
}

/// What a message must have said, to be given back by an edit.
struct KnownFieldsBody: Described {
    static let schema = Schema.object(
        "KnownFields", [.required("data", Schema(["type": "object"])), .required("version", .count)])

    /// The event's fields.
    let data: JSONValue
    /// The version of their schema.
    let version: Int
}

/// The id of a dead letter in a path.
struct DeadLetterID: EntityID {
    let uuid: UUID
    init(_ uuid: UUID) { self.uuid = uuid }
}

/// The id of an operation in a path.
struct OperationID: EntityID {
    let uuid: UUID
    init(_ uuid: UUID) { self.uuid = uuid }
}
