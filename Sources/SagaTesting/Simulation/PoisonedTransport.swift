import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

/// A transport some of whose messages can never be read by the group they are for.
public struct PoisonedTransport<Base: EventTransport<any SQLTransaction>>: EventTransport {
    /// A transaction of the SQL port.
    public typealias Transaction = any SQLTransaction

    private let base: Base
    private let isPoisoned: @Sendable (Envelope, ServiceID) -> Bool

    /// A transport that behaves like `base`.
    ///
    /// - Parameter isPoisoned: must answer the same for the same event and group.
    public init(_ base: Base, isPoisoned: @escaping @Sendable (Envelope, ServiceID) -> Bool) {
        self.base = base
        self.isPoisoned = isPoisoned
    }

    /// See ``EventTransport``.
    public func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        try await base.receive(for: group, types: types, limit: limit).map { delivery in
            guard isPoisoned(delivery.envelope, group) else { return delivery }
            let envelope = delivery.envelope
            return Delivery(
                envelope: Envelope(
                    id: envelope.id, type: envelope.type, version: envelope.version, source: envelope.source,
                    subject: envelope.subject, time: envelope.time, correlationID: envelope.correlationID,
                    causationID: envelope.causationID, traceparent: envelope.traceparent, data: Data("{}".utf8)),
                position: delivery.position)
        }
    }

    /// See ``EventTransport``.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {
        try base.acknowledge(deliveries, for: group, in: transaction)
    }

    /// See ``EventTransport``.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        try await base.acknowledge(deliveries, for: group)
    }
}
