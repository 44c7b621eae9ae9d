import FoundationEssentials
import RedisStreamsAdapter
import SQLCore
import SagaChoreography
import SagaSQL
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
struct PromptTransport: EventTransport {
    private let streams: RedisStreamsTransport

    init(_ streams: RedisStreamsTransport) { self.streams = streams }

    struct NothingArrives: Error {}

    func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let deliveries = try await streams.receive(for: group, types: types, limit: limit)
            if !deliveries.isEmpty { return deliveries }
            if try await streams.lag()[group] ?? 0 == 0 { return [] }
            guard ContinuousClock.now < deadline else { throw NothingArrives() }
            await Task.yield()
        }
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {}

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        try await streams.acknowledge(deliveries, for: group)
    }
}
