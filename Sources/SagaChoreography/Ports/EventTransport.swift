/// One event handed to one consumer group.
public struct Delivery: Sendable, Hashable {
    /// The event, the same for every group and every repetition.
    public let envelope: Envelope
    /// Where the transport keeps it; opaque to all but the transport.
    public let position: Int64

    /// Takes what its properties say.
    public init(envelope: Envelope, position: Int64) {
        self.envelope = envelope
        self.position = position
    }
}

/// How events reach consumer groups: at least once, in any order.
///
/// A transport whose deliveries are rows of the consumer's own database acknowledges inside the transaction; one outside
/// acknowledges after the commit. The engine calls both, each transport implements the one that is its.
public protocol EventTransport<Transaction>: Sendable {
    associatedtype Transaction

    /// Whether ``receive(for:types:limit:)`` hands out some types of a group and keeps the others until they are asked for.
    var handsOutByType: Bool { get }

    /// The next deliveries for a group, oldest first; empty if there is nothing to do now.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` if the transport cannot be reached.
    func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery]

    /// Acknowledges in the transaction that holds the deliveries' effects.
    func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: Transaction) throws

    /// Acknowledges after that transaction committed.
    func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws
}

extension EventTransport {
    /// Whoever receives gets what is there, unless the transport says otherwise.
    public var handsOutByType: Bool { false }
}
