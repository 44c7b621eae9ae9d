import FoundationEssentials

/// A change that begins with no event: a request, a deadline, a worker's result. Like a reaction it emits by returning.
public protocol Command<Transaction>: Sendable {
    associatedtype Transaction
    associatedtype Outcome: Sendable
    associatedtype Emitted: Emission

    /// Unique and stable: `service.verb-object`.
    static var id: ReactionID { get }

    /// Changes this service's rows and says what to answer and to emit.
    ///
    /// - Throws: any error, which rolls back and reaches the caller.
    func execute(in step: Step<Transaction>) throws -> Decision<Outcome, Emitted>
}

/// What a command answers its caller and tells the others.
public struct Decision<Outcome: Sendable, Emitted: Emission>: Sendable {
    /// What the caller is told, once the change is durable.
    public let outcome: Outcome
    /// What commits with the change; `nil` if nothing is to be told.
    public let emitted: Emitted?
    /// For each subject what led to what is emitted about it, where a worker finishes what an event began.
    public let origins: [UUID: Origin]

    /// A decision; by default it emits nothing, and what it emits has no origin but the command itself.
    public init(_ outcome: Outcome, emits emitted: Emitted? = nil, origins: [UUID: Origin] = [:]) {
        self.outcome = outcome
        self.emitted = emitted
        self.origins = origins
    }
}

/// What led to a decision that is made later, as it was noted then.
public struct Origin: Sendable, Hashable {
    /// The event that led to it.
    public let event: UUID?
    /// Its trace, which goes on.
    public let traceparent: String?

    /// Takes what its properties say.
    public init(event: UUID?, traceparent: String?) {
        self.event = event
        self.traceparent = traceparent
    }
}
