import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

/// The broker as one life of a process reaches it.
public struct SimulatedTransport: EventTransport, EventPublisher {
    private let broker: SimulatedBroker
    private let life: ProcessLife

    /// The broker, as `life` sees it.
    public init(_ broker: SimulatedBroker, for life: ProcessLife) {
        self.broker = broker
        self.life = life
    }

    /// See ``EventPublisher``: grows with each loss.
    public func generation() async throws -> String {
        try await life.pause("before asking the broker")
        return try broker.reach { "\($0.generation)" }
    }

    /// See ``EventPublisher``; a part of the events may have been appended when it throws.
    public func publish(_ envelopes: [Envelope]) async throws -> [Receipt] {
        try await life.pause("before publishing")
        let receipts = try broker.reach { state in
            envelopes.map { Self.receipt(of: broker.add($0, to: &state), in: state.generation) }
        }
        try await life.pause("after publishing")
        return receipts
    }

    private static func receipt(of position: Int64, in generation: some CustomStringConvertible) -> Receipt {
        Receipt("\(generation)", .init(UInt64(position)))
    }

    /// See ``EventPublisher``.
    public func acknowledged(_ receipts: [Receipt]) async throws -> Set<Receipt> {
        try await life.pause("before reading acknowledgements")
        return try broker.reach { state in
            Set(
                receipts.filter { receipt in
                    guard receipt.scope == "\(state.generation)" else { return false }
                    return state.open[Int64(receipt.numbers.first)] == nil
                })
        }
    }

    /// See ``EventPublisher``: what some group has yet to acknowledge.
    public func survivors(of entries: [(receipt: Receipt, event: UUID)]) async throws -> [Receipt: Receipt] {
        try await life.pause("before asking what is left")
        return try broker.reach { state in
            var survivors: [Receipt: Receipt] = [:]
            for (receipt, _) in entries {
                let position = Int64(receipt.numbers.first)
                guard state.open[position] != nil else { continue }
                survivors[receipt] = Self.receipt(of: position, in: state.generation)
            }
            return survivors
        }
    }

    /// See ``EventTransport``.
    public func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        try await life.pause("before receiving")
        let deliveries = try broker.reach { broker.take(for: group, limit: limit, from: &$0) }
        if !deliveries.isEmpty { try await life.pause("after receiving") }
        return deliveries
    }

    /// See ``EventTransport``: the part inside the consumer's transaction; nothing.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {
    }

    /// See ``EventTransport``: the part after the commit.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        try await life.pause("before acknowledging")
        try broker.reach { broker.settle(deliveries, for: group, in: &$0) }
    }
}
