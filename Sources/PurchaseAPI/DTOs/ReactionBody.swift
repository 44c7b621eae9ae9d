import FoundationEssentials
import Journeys

/// What one service did because of one event.
struct ReactionBody: Described {
    static let schema = Schema.object(
        "JourneyReaction",
        [
            .optional("event", EventMark.schema), .required("consumer", .string),
            .required("disposition", .choice(JourneyReaction.Disposition.self)), .optional("stateBefore", .string),
            .optional("stateAfter", .string), .required("deltas", .array(of: Delta.schema)),
            .optional("attempts", .count), .optional("committedAt", .time),
            .required("emitted", .array(of: EventMark.schema)),
        ])

    struct EventMark: Described {
        static let schema = Schema.object(
            "EventMark", [.optional("id", .id), .required("type", .string), .optional("time", .time)])

        let id: String?
        let type: String
        let time: String?

        init(_ mark: JourneyReaction.EventMark) {
            id = mark.id?.uuidString.lowercased()
            type = mark.type.name
            time = mark.time?.description
        }
    }

    struct Delta: Described {
        static let schema = Schema.object(
            "JourneyDelta",
            [
                .required("place", .choice(JourneyDelta.Place.self)), .optional("itemId", .id),
                .required("amount", .integer),
            ])

        let place: String
        let itemId: String?
        let amount: Int64

        init(_ delta: JourneyDelta) {
            place = delta.place.rawValue
            itemId = delta.item?.description
            amount = delta.amount
        }
    }

    /// Missing for what a request, a deadline or a worker began.
    let event: EventMark?
    let consumer: String
    let disposition: String
    let stateBefore: String?
    let stateAfter: String?
    let deltas: [Delta]
    let attempts: Int?
    let committedAt: String?
    let emitted: [EventMark]

    init(_ reaction: JourneyReaction) {
        event = reaction.event.map(EventMark.init)
        consumer = reaction.consumer.name
        disposition = reaction.disposition.rawValue
        stateBefore = reaction.stateBefore
        stateAfter = reaction.stateAfter
        deltas = reaction.deltas.map(Delta.init)
        attempts = reaction.attempts
        committedAt = reaction.committedAt?.description
        emitted = reaction.emitted.map(EventMark.init)
    }
}
