/// What a reaction answers. Emitting is returning: there is no other way to send an event.
public enum Reply<Accepted: Emission, Rejected: Emission>: Sendable {
    /// The step was done; its event commits with the change.
    case accept(Accepted)
    /// A business refusal: it is an outcome, so it commits too, with its event.
    case reject(Rejected)
    /// The pair of event and state is not in the table, or the step was done before: nothing changes, nothing is sent.
    case ignore(Ignored)

    /// The events that commit with this reply.
    public var events: [any Event] {
        switch self {
        case .accept(let emission): emission.events
        case .reject(let emission): emission.events
        case .ignore: []
        }
    }

    /// What became of the delivery.
    public var disposition: Disposition {
        switch self {
        case .accept: .applied
        case .reject: .refused
        case .ignore(.duplicate): .duplicate
        case .ignore(.tombstone), .ignore(.notExpected): .ignored
        }
    }
}

/// Why a delivery had no effect.
public enum Ignored: String, Sendable {
    /// The step was done before.
    case duplicate
    /// A compensation came first and left a tombstone.
    case tombstone
    /// The table has no row for this event in this state.
    case notExpected
}

/// What became of one delivery, for observers, tests and the journey.
public enum Disposition: String, Sendable, Codable {
    case applied, refused, ignored, duplicate, parked
    /// A fault on a healthy store: it will be tried again.
    case retrying
}
