import FoundationEssentials

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
        let subject: UUID
    }

    /// - Returns: whether it was taken; not if its subject has an event of this type there already.
    func take(_ envelope: Envelope, _ event: any Event, at place: Int) -> Bool {
        if let subject = envelope.subject, !taken.insert(Taken(place: place, subject: subject)).inserted {
            return false
        }
        received.append(ReceivedEvent(envelope: envelope, event: event))
        places.append(place)
        return true
    }
}
