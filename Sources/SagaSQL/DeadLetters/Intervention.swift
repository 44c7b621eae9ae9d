import FoundationEssentials
import SagaChoreography

/// What a person asked the engine to do, and what became of it: an operation that is followed to its observed outcome.
public struct Intervention: Sendable, Hashable {
    /// What can be asked for.
    public enum Kind: String, Sendable, CaseIterable {
        /// Parked messages are delivered again.
        case replay
        /// Parked messages that change nothing are forgotten.
        case discard
        /// A parked message that cannot be read gets other data.
        case edit
        /// What outboxes still hold of a saga is sent again.
        case resync
    }

    /// Where one item of an operation is.
    public enum State: String, Sendable, CaseIterable {
        /// Nobody has seen an effect yet.
        case requested
        /// It was handled; ``Item/disposition`` and ``Item/emitted`` say how.
        case handled
        /// It faulted again, and is parked again.
        case parked
        /// It was taken away: handling it would have changed nothing.
        case discarded
        /// Its data was replaced.
        case edited
        /// It was left where it is; ``Item/detail`` says why.
        case kept
    }

    /// One thing that an operation is about.
    public struct Item: Sendable, Hashable {
        /// The parked message's id; for a resync the saga's.
        public let id: UUID
        /// Who is to handle it.
        public let consumer: ServiceID
        /// The event's id; `nil` for a resync.
        public let eventID: UUID?
        /// The event's wire name.
        public let type: EventType
        /// The saga (order) it belongs to, if any.
        public let subject: UUID?
        /// Where it is.
        public let state: State
        /// How it was handled; `nil` unless it was.
        public let disposition: Disposition?
        /// What was emitted when it was handled.
        public let emitted: [EventType]
        /// The fault, or why it was left alone; one line.
        public let detail: String?
        /// When its outcome was observed.
        public let finishedAt: Timestamp?

        /// An item of an operation that begins.
        init(_ message: ParkedMessage, _ state: State, detail: String? = nil, finishedAt: Timestamp? = nil) {
            self.init(
                id: message.id, consumer: message.consumer, eventID: message.eventID, type: message.type,
                subject: message.subject, state: state, detail: detail, finishedAt: finishedAt)
        }

        init(
            id: UUID, consumer: ServiceID, eventID: UUID?, type: EventType, subject: UUID?, state: State,
            disposition: Disposition? = nil, emitted: [EventType] = [], detail: String?, finishedAt: Timestamp?
        ) {
            self.id = id
            self.consumer = consumer
            self.eventID = eventID
            self.type = type
            self.subject = subject
            self.state = state
            self.disposition = disposition
            self.emitted = emitted
            self.detail = detail
            self.finishedAt = finishedAt
        }
    }

    /// Its id, UUIDv7.
    public let id: UUID
    /// What was asked for.
    public let kind: Kind
    /// Who asked for it, if it is a user.
    public let actor: UUID?
    /// Why.
    public let reason: String
    /// When.
    public let requestedAt: Timestamp
    /// What it is about, in the order of their ids.
    public let items: [Item]

    /// The same with the outcome of whatever was still requested.
    public func observed(_ detail: String, at time: Timestamp) -> Intervention {
        let items = items.map { item in
            guard item.state == .requested else { return item }
            return Item(
                id: item.id, consumer: item.consumer, eventID: item.eventID, type: item.type, subject: item.subject,
                state: .handled, disposition: .applied, emitted: item.emitted, detail: detail, finishedAt: time)
        }
        return Intervention(
            id: id, kind: kind, actor: actor, reason: reason, requestedAt: requestedAt, items: items)
    }

    /// The same with what other databases have of it.
    func joined(by parts: some Sequence<Intervention>) -> Intervention {
        Intervention(
            id: id, kind: kind, actor: actor, reason: reason, requestedAt: requestedAt,
            items: (items + parts.flatMap(\.items)).sorted { $0.id < $1.id })
    }

    /// Whether the outcome of every item was observed.
    public var isDone: Bool { items.allSatisfy { $0.state != .requested } }
}
