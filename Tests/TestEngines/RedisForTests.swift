import FoundationEssentials
import RedisStreamsAdapter
import SQLCore
import SagaChoreography
import SagaSQL
import Synchronization
import TestServers

/// One Redis for all tests of this process; each has keys of its own.
enum RedisForTests {
    private static let server = Task { try await RedisServer.start() }

    static func transport(_ participants: [SQLParticipant]) async throws -> RedisStreamsTransport {
        let server = try await server.value
        var options = RedisStreamsOptions()
        options.prefix = "t\(UUID().uuidString)"
        return RedisStreamsTransport(
            RedisEndpoint(port: server.port, password: server.password), participants: participants, options: options)
    }
}

/// Redis for tests whose time is virtual: what was published has arrived before a consumer may find nothing, as if the network
/// took no time. Otherwise hours could pass while an entry is on its way.
final class PromptTransport: EventTransport, EventPublisher {
    private let streams: RedisStreamsTransport
    private let subscribers: [EventType: [ServiceID]]
    /// Deliveries that were published and not acknowledged.
    private let open = Mutex<[ServiceID: Int]>([:])

    init(_ streams: RedisStreamsTransport, _ participants: [SQLParticipant]) {
        self.streams = streams
        var subscribers: [EventType: [ServiceID]] = [:]
        for participant in participants {
            for type in participant.subscriptions { subscribers[type, default: []].append(participant.service) }
        }
        self.subscribers = subscribers
    }

    struct NothingArrives: Error {}

    func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let deliveries = try await streams.receive(for: group, types: types, limit: limit)
            if !deliveries.isEmpty { return deliveries }
            if open.withLock({ $0[group] ?? 0 }) == 0 { return [] }
            guard ContinuousClock.now < deadline else { throw NothingArrives() }
            await Task.yield()
        }
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {}

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        try await streams.acknowledge(deliveries, for: group)
        open.withLock { $0[group, default: 0] -= deliveries.count }
    }

    func publish(_ envelopes: [Envelope]) async throws -> [Receipt] {
        let receipts = try await streams.publish(envelopes)
        open.withLock { open in
            for group in envelopes.flatMap({ subscribers[$0.type] ?? [] }) { open[group, default: 0] += 1 }
        }
        return receipts
    }

    func acknowledged(_ receipts: [Receipt]) async throws -> Set<Receipt> { try await streams.acknowledged(receipts) }

    func held(_ receipts: [Receipt]) async throws -> Set<Receipt> { try await streams.held(receipts) }

    func survivors(of entries: [(receipt: Receipt, event: UUID)]) async throws -> [Receipt: Receipt] {
        try await streams.survivors(of: entries)
    }

    func generation() async throws -> String { try await streams.generation() }
}
