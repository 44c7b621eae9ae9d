/// A transport outside the database that can hand an event to consumers in the process that committed it, ahead of the relay.
///
/// It carries the event all the same, for everybody else and as proof that everybody has handled it: what is handed over here is lost
/// with the process, and then comes the usual way.
public protocol LocalDelivery: AnyObject, Sendable {
    /// Hands over events that were just committed, to whom it can and will. Called with each commit, so it must be quick; whoever
    /// listens to ``EventArrivals`` is told.
    func deliverLocally(_ envelopes: [Envelope])

    /// Whether everybody who wants events of this type gets them like that at the moment: then there is no hurry to send them.
    func isDeliveredLocally(_ type: EventType) -> Bool
}
