import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL
import Synchronization

/// What a test does to messages on their way, or to whoever handles them.
final class Poison: Sendable {
    private struct State {
        /// Deliveries of an order to a group that lose their data.
        var corrupted: [(group: ServiceID, type: EventType, order: String)] = []
        /// Orders at which a reaction fails.
        var broken: Set<String> = []
    }

    private let state = Mutex(State())

    /// From now on this group gets this event of the order without its fields.
    func corrupt(_ type: EventType, to group: ServiceID, of order: String) {
        state.withLock { $0.corrupted.append((group, type, order.lowercased())) }
    }

    /// From now on the faulty reaction fails at this order.
    func fail(at order: String) { state.withLock { _ = $0.broken.insert(order.lowercased()) } }

    /// From now on nothing fails any more, and nothing is corrupted.
    func mend() { state.withLock { $0 = State() } }

    fileprivate func isBroken(_ subject: UUID?) -> Bool {
        guard let subject else { return false }
        return state.withLock { $0.broken.contains(subject.uuidString.lowercased()) }
    }

    fileprivate func pass(_ delivery: Delivery, to group: ServiceID) -> Delivery {
        let envelope = delivery.envelope
        guard let order = envelope.subject?.uuidString.lowercased() else { return delivery }
        let isCorrupted = state.withLock { state in
            state.corrupted.contains { $0.group == group && $0.type == envelope.type && $0.order == order }
        }
        return isCorrupted ? Delivery(envelope: envelope.emptied, position: delivery.position) : delivery
    }
}

extension Envelope {
    /// The same without its fields.
    var emptied: Envelope {
        Envelope(
            id: id, type: type, version: version, source: source, subject: subject, time: time,
            correlationID: correlationID, causationID: causationID, traceparent: traceparent, data: Data("{}".utf8))
    }
}

/// A transport on whose way some deliveries lose their data.
struct PoisonedTransport: EventTransport {
    typealias Transaction = any SQLTransaction

    let transport: any EventTransport<any SQLTransaction>
    let poison: Poison

    func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        try await transport.receive(for: group, types: types, limit: limit).map { poison.pass($0, to: group) }
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {
        try transport.acknowledge(deliveries, for: group, in: transaction)
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        try await transport.acknowledge(deliveries, for: group)
    }
}

/// A reaction with a mistake that shows at some orders, until it is mended.
struct Faulty<R: Reaction<any SQLTransaction>>: Reaction {
    typealias Transaction = any SQLTransaction
    typealias Input = R.Input
    typealias Accepted = R.Accepted
    typealias Rejected = R.Rejected

    static var id: ReactionID { R.id }

    let reaction: R
    let poison: Poison

    func react(to event: R.Input, in step: SQLStep) throws -> Reply<R.Accepted, R.Rejected> {
        let reply = try reaction.react(to: event, in: step)
        // Late, so that what was done has to be taken back.
        if poison.isBroken(event.subject) { throw SagaFault.retryable("a mistake of ours") }
        return reply
    }
}

extension SQLParticipant {
    /// The same with a faulty reaction in the place of the sound one.
    func with<R: Reaction<any SQLTransaction>>(_ faulty: Faulty<R>) -> SQLParticipant {
        SQLParticipant(service: service, commands: commands) {
            reactions.filter { $0.id != R.id }
            faulty
        }
    }
}
