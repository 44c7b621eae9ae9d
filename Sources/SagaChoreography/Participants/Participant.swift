/// A service as the choreography sees it: what it reacts to, what it can begin, what it emits.
public struct Participant<Transaction>: Sendable {
    /// Its name, which is also its consumer group and the `source` of its events.
    public let service: ServiceID
    /// At most one for each event type.
    public let reactions: [AnyReaction<Transaction>]
    /// Commands and workers that emit events of their own accord.
    public let commands: [AnyCommand]
    /// The types this service subscribes to.
    public let subscriptions: Set<EventType>
    /// Whether it only watches: it is a consumer group, but no part of the choreography. An event that nobody else consumes is
    /// consumed by nobody.
    public let isObserver: Bool

    /// - Parameters:
    ///   - service: its name, which is also its consumer group.
    ///   - reactions: at most one for each event type.
    ///   - commands: every command type that can emit.
    public init(
        service: ServiceID, commands: [AnyCommand] = [],
        @ReactionsBuilder<Transaction> reactions: () -> [AnyReaction<Transaction>]
    ) {
        self.service = service
        self.commands = commands
        self.reactions = reactions()
        subscriptions = Set(self.reactions.map { $0.input.type })
        isObserver = false
        var seen: Set<EventType> = []
        for reaction in self.reactions {
            precondition(
                seen.insert(reaction.input.type).inserted,
                "\(service) has two reactions to \(reaction.input.type); one event, one reaction, one transaction")
        }
    }

    /// A group that watches events of these types, by means of its own: it has no reactions, so the graph does not know it.
    public init(observer service: ServiceID, of types: Set<EventType>) {
        self.service = service
        commands = []
        reactions = []
        subscriptions = types
        isObserver = true
    }

    /// A copy without one reaction, for tests that show what the graph then reports.
    public func without(_ id: ReactionID) -> Participant {
        guard !isObserver else { return self }
        return Participant(service: service, commands: commands) { reactions.filter { $0.id != id } }
    }
}

/// A command's part in the choreography: its name and what it may emit.
public struct AnyCommand: Sendable {
    /// The command's name, see ``Command/id``.
    public let id: ReactionID
    /// Every event type the command may emit.
    public let emits: [any Event.Type]

    /// Describes a command by its type; no value of it is needed.
    public init<C: Command>(_: C.Type) {
        id = C.id
        emits = C.Emitted.eventTypes
    }
}

/// Lists reactions one a line.
@resultBuilder
public enum ReactionsBuilder<Transaction> {
    public static func buildExpression<R: Reaction>(_ reaction: R) -> [AnyReaction<Transaction>]
    where R.Transaction == Transaction { [AnyReaction(reaction)] }

    public static func buildExpression<R: BatchReaction>(_ reaction: R) -> [AnyReaction<Transaction>]
    where R.Transaction == Transaction { [AnyReaction(reaction)] }

    public static func buildExpression<R: JointReaction>(_ reaction: R) -> [AnyReaction<Transaction>]
    where R.Transaction == Transaction { [AnyReaction(reaction)] }

    public static func buildExpression(_ reactions: [AnyReaction<Transaction>]) -> [AnyReaction<Transaction>] {
        reactions
    }

    public static func buildBlock(_ parts: [AnyReaction<Transaction>]...) -> [AnyReaction<Transaction>] {
        parts.flatMap { $0 }
    }
}
