import FoundationEssentials

/// A reaction with its types erased, as participants list it and the engine runs it.
public struct AnyReaction<Transaction>: Sendable {
    /// The reaction's name, see ``Reaction/id``.
    public let id: ReactionID
    /// The event type it reacts to.
    public let input: any Event.Type
    /// Every event type it may emit, whether it accepts or refuses.
    public let emits: [any Event.Type]
    /// The reactions it compensates; empty for all but compensations.
    public let undoes: [ReactionID]
    /// Whether it takes something that must be given back, see ``Compensable``.
    public let isCompensable: Bool
    /// Whether the engine deduplicates for it, see ``Reaction/usesInbox``.
    public let usesInbox: Bool

    let run: @Sendable ([Envelope], Step<Transaction>) throws -> [Answer]

    /// One reply, erased.
    struct Answer {
        let disposition: Disposition
        let events: [any Event]
    }

    /// Erases a reaction that takes one event at a time.
    public init<R: Reaction>(_ reaction: R) where R.Transaction == Transaction {
        self.init(describing: R.self) { envelopes, step in
            try envelopes.map { envelope in
                let reply = try reaction.react(to: envelope.decode(R.Input.self), in: step.handling([envelope]))
                return Answer(disposition: reply.disposition, events: reply.events)
            }
        }
    }

    /// Erases a reaction that takes a batch; what it answers must match what it was given, one for one.
    public init<R: BatchReaction>(_ reaction: R) where R.Transaction == Transaction {
        self.init(describing: R.self) { envelopes, step in
            let events = try envelopes.map { try $0.decode(R.Input.self) }
            let replies = try reaction.react(toAll: events, in: step.handling(envelopes))
            guard replies.count == envelopes.count else {
                throw SagaFault.permanent(
                    .contract, "\(R.id) gave \(replies.count) replies to \(envelopes.count) events")
            }
            return replies.map { Answer(disposition: $0.disposition, events: $0.events) }
        }
    }

    private init<R: Reaction>(
        describing type: R.Type, run: @escaping @Sendable ([Envelope], Step<Transaction>) throws -> [Answer]
    ) {
        id = R.id
        input = R.Input.self
        emits = R.Accepted.eventTypes + R.Rejected.eventTypes
        undoes = (type as? any Compensation.Type)?.undoes ?? []
        isCompensable = type is any Compensable.Type
        usesInbox = R.usesInbox
        self.run = run
    }
}
