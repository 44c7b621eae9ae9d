import SQLCore
import SagaChoreography
import SagaSQL
import Synchronization

extension Mutant {
    /// Outbox, relay, broker.
    static let transport: [Mutant] = [
        Mutant("a message is acknowledged before its effects commit") { planted, effects in
            planted.transport = { EagerTransport(base: $0, effects: effects) }
        },
        Mutant("an event counts as sent before it is sent") { planted, effects in
            planted.publisher = { HastyPublisher(base: $0, effects: effects) }
        },
        Mutant("what the broker does not have counts as acknowledged") { planted, effects in
            planted.publisher = { TrustingPublisher(base: $0, effects: effects) }
        },
        Mutant(
            "what the table has and the memory has not is never sent",
            .words("WHERE NOT acknowledged", "WHERE 1 = 0", in: "traceparent, data FROM saga_outbox WHERE NOT")),
        Mutant(
            "nobody takes over what a dead process left",
            .leftOut("UPDATE saga_outbox SET relay = $1")),
        Mutant(
            "outbox rows are deleted before everybody has them",
            .words("WHERE NOT (", "WHERE (1 = 1 OR ", in: "AS saga_outbox WHERE NOT ("),
            .words("WHERE acknowledged AND", "WHERE 1 = 1 AND", in: "AS saga_outbox WHERE acknowledged")),
        Mutant(
            "outbox rows are never deleted",
            .leftOut("DELETE FROM saga_outbox WHERE seq IN")),
        Mutant(
            "a group's position moves, its effects do not",
            .words(
                "SET position = excluded.position", "SET position = excluded.position + 1",
                in: "INSERT INTO saga_positions")),
    ]
}

/// Acknowledges what it hands out at once.
private struct EagerTransport: EventTransport {
    let base: any EventTransport<any SQLTransaction>
    let effects: Mutant.Effects

    func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        let deliveries = try await base.receive(for: group, types: types, limit: limit)
        if !deliveries.isEmpty {
            effects.note()
            try await base.acknowledge(deliveries, for: group)
        }
        return deliveries
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {
        try base.acknowledge(deliveries, for: group, in: transaction)
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {}
}

/// Gives receipts whether the events went out or not, and finds them acknowledged.
private struct HastyPublisher: EventPublisher {
    let base: any EventPublisher
    let effects: Mutant.Effects

    func generation() async throws -> String { try await base.generation() }

    func publish(_ envelopes: [Envelope]) async throws -> [Receipt] {
        do { return try await base.publish(envelopes) } catch {
            effects.note()
            return envelopes.map { _ in Receipt("unsent") }
        }
    }

    func acknowledged(_ receipts: [Receipt]) async throws -> Set<Receipt> {
        try await base.acknowledged(receipts).union(receipts.filter { $0.scope == "unsent" })
    }
}

/// Takes a broker that lost an entry for one whose groups have all handled it.
private struct TrustingPublisher: EventPublisher {
    let base: any EventPublisher
    let effects: Mutant.Effects

    func generation() async throws -> String { "always the same" }

    func publish(_ envelopes: [Envelope]) async throws -> [Receipt] { try await base.publish(envelopes) }

    func acknowledged(_ receipts: [Receipt]) async throws -> Set<Receipt> {
        let generation = try await base.generation()
        let lost = receipts.filter { $0.scope != generation }
        if !lost.isEmpty { effects.note() }
        return try await base.acknowledged(receipts).union(lost)
    }
}
