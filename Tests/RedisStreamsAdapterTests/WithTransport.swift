import Foundation
import ProcessDriver
import SagaChoreography
import SagaTesting
import TestServers

@testable import RedisStreamsAdapter

extension RedisStreamsOptions {
    /// Short times, so that what others left is taken over soon.
    ///
    /// - Parameter together: events of an entry; one each, where a test is about single entries.
    static func inTests(
        partitions: Int = 1, claimAfter: Duration = .seconds(15), ahead: Int = 1000, together: Int = 1
    ) -> RedisStreamsOptions {
        var options = RedisStreamsOptions()
        options.prefix = "test"
        options.partitions = partitions
        options.claimAfter = claimAfter
        options.deliveriesAhead = ahead
        options.eventsPerEntry = together
        return options
    }
}

extension RedisServer {
    nonisolated var endpoint: RedisEndpoint { RedisEndpoint(port: port, password: password) }

    /// A transport of this server, as another process would have one.
    nonisolated func transport(_ options: RedisStreamsOptions = .inTests()) -> RedisStreamsTransport {
        RedisStreamsTransport(endpoint, subscriptions: subscriptions, options: options)
    }
}

/// Runs `body` with a server of its own and a transport on it, and ends both.
nonisolated(nonsending) func withTransport<Result>(
    options: RedisStreamsOptions = .inTests(),
    _ body: (RedisServer, RedisStreamsTransport) async throws -> Result
) async throws -> Result {
    try await RedisServer.with { server in
        let transport = server.transport(options)
        do {
            let result = try await body(server, transport)
            await transport.close()
            return result
        } catch {
            await transport.close()
            throw error
        }
    }
}

/// Ids for events in tests.
let ids = UUIDv7Generator(clock: ManualClock(), random: SeededRandom(seed: 7))

func envelopes(_ count: Int, _ type: EventType = "a.made") -> [Envelope] {
    (0..<count).map { _ in envelope(ids.next(), type) }
}

extension RedisStreamsTransport {
    /// Receives until `count` deliveries have come, acknowledging none of them or each.
    nonisolated(nonsending) func receive(
        _ count: Int, for group: ServiceID, types: Set<EventType> = ["a.made", "b.made"], acknowledging: Bool = false
    ) async throws -> [Delivery] {
        var found: [Int64: Delivery] = [:]
        return try await waiting(for: "\(count) deliveries of '\(group)'") {
            do {
                let deliveries = try await receive(for: group, types: types, limit: count)
                for delivery in deliveries { found[delivery.position] = delivery }
                if acknowledging, !deliveries.isEmpty { try await settle(deliveries, for: group) }
            } catch SagaFault.unavailable {
                return nil
            }
            return found.count >= count ? found.values.sorted { $0.position < $1.position } : nil
        }
    }

    /// Acknowledges, and returns once Redis knows.
    nonisolated(nonsending) func settle(_ deliveries: [Delivery], for group: ServiceID) async throws {
        try await acknowledge(deliveries, for: group)
        try await settle(group)
    }
}
