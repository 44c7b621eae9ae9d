import SagaChoreography

/// Why something was not done to a parked message; nothing was changed.
public enum DeadLetterRefusal: Error, Sendable, Hashable {
    /// There is no such message: it was never there, or is replayed or discarded by now.
    case notFound
    /// It is no event at all: it has to be edited first.
    case noEvent
    /// Nobody here handles its group's events.
    case unknownConsumer
    /// Handling it now would change something or emit something: it may not be forgotten.
    case hasEffect(Disposition, [EventType])
    /// Handling it now faults, so nobody can say that it would change nothing.
    case faults(String)
    /// It cannot be read, and its saga is not settled for its group: nobody can say what it would change.
    case undecided(String)
    /// It can be read as it is: there is nothing to edit.
    case readable
    /// What it would be after the edit cannot be read either.
    case unreadableEdit(String)
    /// What it would be after the edit contradicts what is known of its saga.
    case contradiction

    /// One line for people.
    public var summary: String {
        switch self {
        case .notFound: "it is not there any more"
        case .noEvent: "it is no event: edit it first"
        case .unknownConsumer: "nobody here handles its group's events"
        case .hasEffect(let disposition, let emits):
            "handling it now has an effect: \(disposition.rawValue)"
                + (emits.isEmpty ? "" : ", emits \(emits.map(\.name).joined(separator: ", "))")
        case .faults(let fault): "handling it now faults: \(fault)"
        case .undecided(let fault): "it cannot be read, and its saga is not settled: \(fault)"
        case .readable: "it can be read as it is"
        case .unreadableEdit(let fault): "it cannot be read after the edit: \(fault)"
        case .contradiction: "the edit contradicts what is known of the saga"
        }
    }
}
