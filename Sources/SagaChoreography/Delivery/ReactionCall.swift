// Outside of what is generic over the store, see ReceivedEvent.

/// A delivery whose data was read, if the participant has a reaction to it.
struct OpenedDelivery: Sendable {
    let envelope: Envelope
    let place: Int?
    let event: (any Event)?
}

/// One reaction, or a family of them, and the events it gets in one call.
final class ReactionCall {
    private(set) var received: [ReceivedEvent] = []
    /// The place of each event's reaction.
    private(set) var places: [Int] = []
    private var taken: Set<Taken> = []

    private struct Taken: Hashable {
        let place: Int
        let subject: IDKey

        /// By the subject alone: few reactions share a call.
        func hash(into hasher: inout Hasher) { subject.hash(into: &hasher) }
    }

    /// - Returns: whether it was taken; not if its subject has an event of this type there already.
    func take(_ envelope: Envelope, _ event: any Event, at place: Int) -> Bool {
        if let subject = envelope.subject, !taken.insert(Taken(place: place, subject: IDKey(subject))).inserted {
            return false
        }
        received.append(ReceivedEvent(envelope: envelope, event: event))
        places.append(place)
        return true
    }
}

/// What is asked of a reaction for each event, apart from what it does.
struct ReactionTraits: Sendable {
    let id: ReactionID
    let usesInbox: Bool
    /// The place of the first of its family among the participant's reactions: its own, if it has none.
    let family: Int
    private let emits: Set<ObjectIdentifier>

    init(_ id: ReactionID, emits: [any Event.Type], usesInbox: Bool, family: Int) {
        self.id = id
        self.usesInbox = usesInbox
        self.family = family
        self.emits = Set(emits.map { ObjectIdentifier($0) })
    }

    /// Whether it says that it may emit this.
    func declares(_ event: any Event) -> Bool { emits.contains(ObjectIdentifier(type(of: event))) }
}
