import SagaChoreography

/// What one delivery led to.
public struct DeliveryOutcome: Sendable {
    /// What became of the delivery.
    public let disposition: Disposition
    /// Why it was retried or parked.
    public let fault: SagaFault?
    /// What was emitted, in order, with its envelopes.
    public let emitted: [Envelope]

    /// The emitted event of a type, if there is one.
    ///
    /// - Throws: ``SagaFault`` if it cannot be decoded.
    public func event<E: Event>(_ type: E.Type) throws -> E? {
        try emitted.first { $0.type == E.type }?.decode(type)
    }

    /// The types emitted, in order.
    public var types: [EventType] { emitted.map(\.type) }
}

/// What one command led to.
public struct CommandResult<Outcome: Sendable>: Sendable {
    /// What the command answered.
    public let outcome: Outcome
    /// What was emitted, in order, with its envelopes.
    public let emitted: [Envelope]

    /// The emitted event of a type, if there is one.
    ///
    /// - Throws: ``SagaFault`` if it cannot be decoded.
    public func event<E: Event>(_ type: E.Type) throws -> E? {
        try emitted.first { $0.type == E.type }?.decode(type)
    }

    /// The types emitted, in order.
    public var types: [EventType] { emitted.map(\.type) }
}
