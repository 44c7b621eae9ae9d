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
    /// How long its event may wait, see ``Reaction/patience``.
    public let patience: Duration
    /// With which reactions it takes its events together, see ``JointReaction``; `nil`: with none.
    public let family: ReactionID?

    /// Reads an event's data; needs no transaction.
    let decode: @Sendable (Envelope) throws -> any Event
    let run: @Sendable ([ReceivedEvent], Step<Transaction>) throws -> [ReactionAnswer]

    /// Erases a reaction that takes one event at a time.
    public init<R: Reaction>(_ reaction: R) where R.Transaction == Transaction {
        self.init(describing: R.self) { received, step in
            try received.map { delivery in
                let reply = try reaction.react(
                    to: Self.input(delivery, of: R.self), in: step.handling([delivery.envelope]))
                return ReactionAnswer(disposition: reply.disposition, events: reply.events)
            }
        }
    }

    /// Erases a reaction that takes a batch; what it answers must match what it was given, one for one.
    public init<R: BatchReaction>(_ reaction: R) where R.Transaction == Transaction {
        self.init(describing: R.self) { received, step in
            let events = try received.map { try Self.input($0, of: R.self) }
            let replies = try reaction.react(toAll: events, in: step.handling(received.map { $0.envelope }))
            guard replies.count == received.count else {
                throw SagaFault.permanent(
                    .contract, "\(R.id) gave \(replies.count) replies to \(received.count) events")
            }
            return replies.map { ReactionAnswer(disposition: $0.disposition, events: $0.events) }
        }
    }

    /// Erases a reaction that takes its events together with others'.
    public init<R: JointReaction>(_ reaction: R) where R.Transaction == Transaction {
        self.init(describing: R.self, family: R.family) { received, step in
            let replies = try R.react(
                together: received.map { $0.event }, in: step.handling(received.map { $0.envelope }))
            guard replies.count == received.count else {
                throw SagaFault.permanent(
                    .contract, "\(R.family) gave \(replies.count) replies to \(received.count) events")
            }
            return replies.map { ReactionAnswer(disposition: $0.disposition, events: $0.events) }
        }
    }

    private static func input<R: Reaction>(_ delivery: ReceivedEvent, of _: R.Type) throws -> R.Input {
        guard let event = delivery.event as? R.Input else {
            throw SagaFault.permanent(.contract, "\(R.id) was given \(delivery.envelope.type)")
        }
        return event
    }

    private init<R: Reaction>(
        describing type: R.Type, family: ReactionID? = nil,
        run: @escaping @Sendable ([ReceivedEvent], Step<Transaction>) throws -> [ReactionAnswer]
    ) {
        id = R.id
        input = R.Input.self
        emits = R.Accepted.eventTypes + R.Rejected.eventTypes
        undoes = (type as? any Compensation.Type)?.undoes ?? []
        isCompensable = type is any Compensable.Type
        usesInbox = R.usesInbox
        patience = R.patience
        self.family = family
        decode = { try $0.decode(R.Input.self) }
        self.run = run
    }
}

// Outside of what is generic over the transaction, on which they do not depend: for lists of them the compiler then knows everything.

/// A delivery whose data was read.
struct ReceivedEvent {
    let envelope: Envelope
    let event: any Event
}

/// One reply, erased.
struct ReactionAnswer {
    let disposition: Disposition
    let events: [any Event]
}
