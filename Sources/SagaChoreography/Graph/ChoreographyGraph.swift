/// Who emits what, who reacts to it, and what undoes what: derived from the participants' types, so it cannot drift from the
/// code.
public struct ChoreographyGraph: Sendable {
    /// One reaction or command and its events.
    public struct Node: Sendable, Hashable {
        /// The service it belongs to.
        public let service: ServiceID
        /// The name of the reaction or command.
        public let id: ReactionID
        /// The event it reacts to; `nil` for a command.
        public let consumes: EventType?
        /// Every event type it may emit, sorted, each once.
        public let emits: [EventType]
        /// The reactions whose effect it takes back; empty for all but a ``Compensation``.
        public let undoes: [ReactionID]
        /// Whether it takes something that must be given back, see ``Compensable``.
        public let isCompensable: Bool
    }

    /// Every command and reaction, in the order in which the participants list them.
    public let nodes: [Node]
    /// Event types marked as for observers outside.
    public let terminal: Set<EventType>
    /// Event types that end a saga by undoing it, see ``Abort``.
    public let aborts: Set<EventType>

    /// The graph of a whole system; of a part it finds more missing than there is.
    public init<Transaction>(_ participants: [Participant<Transaction>]) {
        var nodes: [Node] = []
        var types: [any Event.Type] = []
        for participant in participants {
            for command in participant.commands {
                nodes.append(
                    Node(
                        service: participant.service, id: command.id, consumes: nil,
                        emits: Self.unique(command.emits), undoes: [], isCompensable: false))
                types += command.emits
            }
            for reaction in participant.reactions {
                nodes.append(
                    Node(
                        service: participant.service, id: reaction.id, consumes: reaction.input.type,
                        emits: Self.unique(reaction.emits), undoes: reaction.undoes,
                        isCompensable: reaction.isCompensable))
                types.append(reaction.input)
                types += reaction.emits
            }
        }
        self.nodes = nodes
        terminal = Set(types.filter { $0.isTerminal }.map { $0.type })
        aborts = Set(types.filter { $0 is any Abort.Type }.map { $0.type })
    }

    private static func unique(_ types: [any Event.Type]) -> [EventType] {
        Set(types.map { $0.type }).sorted()
    }

    /// Every event type that is emitted or consumed, sorted.
    public var events: [EventType] {
        Set(nodes.flatMap { $0.emits + ($0.consumes.map { [$0] } ?? []) }).sorted()
    }

    /// The services that emit `event`, sorted.
    public func emitters(of event: EventType) -> [ServiceID] {
        Set(nodes.filter { $0.emits.contains(event) }.map(\.service)).sorted()
    }

    /// The services that react to `event`, sorted.
    public func consumers(of event: EventType) -> [ServiceID] {
        Set(nodes.filter { $0.consumes == event }.map(\.service)).sorted()
    }
}

/// An event that says: this saga is over and everything is to be undone. Every ``Compensable`` step must have a
/// ``Compensation`` that reacts to it.
public protocol Abort: Event {}
