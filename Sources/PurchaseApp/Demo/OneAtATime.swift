import SQLCore
import SagaChoreography
import SagaSQL

/// Hands over one event a poll instead of a batch, so that the effects of each can be told apart.
struct OneAtATime: EventTransport {
    let transport: EmbeddedTransport

    func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        try await transport.receive(for: group, types: types, limit: min(1, limit))
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {
        try transport.acknowledge(deliveries, for: group, in: transaction)
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        try await transport.acknowledge(deliveries, for: group)
    }
}
