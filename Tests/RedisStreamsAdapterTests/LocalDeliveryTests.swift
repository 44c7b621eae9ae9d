import Foundation
import ProcessDriver
import SagaChoreography
import Synchronization
import TestServers
import Testing

@testable import RedisStreamsAdapter

/// What a transport hands to consumers of its own process.
@Suite(.enabled(if: RedisServer.requirement.allowsTests, "\(RedisServer.requirement.explanation)"))
struct LocalDeliveryTests {
    private static let types: Set<EventType> = ["a.made"]

    /// Receives until the group takes events from its own process, or takes none any more.
    private func begin(_ group: ServiceID, _ transport: RedisStreamsTransport, takes: Bool = true) async throws {
        _ = try await waiting(for: "group \(group) that takes local events: \(takes)") { () -> Bool? in
            _ = try await transport.receive(for: group, types: Self.types, limit: 1)
            return transport.takesLocalEvents(group) == takes ? true : nil
        }
    }

    @Test func `a committed event is received before it was sent, and acknowledged when it comes`() async throws {
        try await withTransport { _, transport in
            #expect(!transport.isDeliveredLocally("a.made"), "nobody receives yet")
            for group in ["one", "two"] as [ServiceID] { try await begin(group, transport) }
            #expect(transport.isDeliveredLocally("a.made"))
            let rings = Mutex<[Set<EventType>]>([])
            transport.onArrival(for: "one") { types in rings.withLock { $0.append(types) } }
            let sent = envelopes(3)
            transport.deliverLocally(sent)
            #expect(rings.withLock { $0 } == [["a.made"]])
            for group in ["one", "two"] as [ServiceID] {
                let given = try await transport.receive(for: group, types: Self.types, limit: 9)
                #expect(given.map(\.envelope) == sent)
                try await transport.acknowledge(given, for: group)
            }
            let receipts = try await transport.publish(sent)
            _ = try await waiting(for: "acknowledgements of all") { () -> Bool? in
                try await transport.acknowledged(receipts) == Set(receipts) ? true : nil
            }
            for group in ["one", "two"] as [ServiceID] {
                #expect(try await transport.receive(for: group, types: Self.types, limit: 9).isEmpty)
            }
            #expect(try await transport.lag() == ["one": 0, "two": 0])
        }
    }

    @Test func `what was handed over and not handled goes to others when the process ends`() async throws {
        try await RedisServer.with { server in
            let leaving = server.transport()
            try await begin("one", leaving)
            let sent = envelopes(4)
            leaving.deliverLocally(sent)
            let given = try await leaving.receive(for: "one", types: Self.types, limit: 2)
            try await leaving.acknowledge(given, for: "one")
            _ = try await leaving.publish(sent)
            // What it handled is acknowledged once its entries have come.
            _ = try await waiting(for: "two that are left") { () -> Bool? in
                try await leaving.lag()["one"] == 2 ? true : nil
            }
            await leaving.close()
            let other = server.transport()
            let received = try await other.receive(2, for: "one", acknowledging: true)
            #expect(received.map(\.envelope) == sent.suffix(2))
            await other.close()
        }
    }

    @Test func `nothing is handed over while another process shares the group`() async throws {
        // Longer than a slow machine makes anybody wait, else the other one would be taken for gone.
        let options = RedisStreamsOptions.inTests(claimAfter: .seconds(3))
        try await withTransport(options: options) { server, first in
            try await begin("one", first)
            let second = server.transport(options)
            try await begin("one", second, takes: false)
            try await begin("one", first, takes: false)
            #expect(!first.isDeliveredLocally("a.made"))
            first.deliverLocally(envelopes(1))
            #expect(try await first.receive(for: "one", types: Self.types, limit: 9).isEmpty)
            await second.close()
            try await begin("one", first)
        }
    }

    @Test func `a process that shares a group counts as there while it waits, whatever arrives`() async throws {
        let options = RedisStreamsOptions.inTests(claimAfter: .milliseconds(4500))
        let silence = (options.claimInterval + options.longestBlock) * 3 + .seconds(1)
        try await withTransport(options: options) { server, first in
            let both: Set<EventType> = ["a.made", "b.made"]
            _ = try await first.receive(for: "one", types: both, limit: 1)
            try await begin("one", first)
            let second = server.transport(options)
            _ = try await second.receive(for: "one", types: both, limit: 1)
            // It had looked before the other one was there, and looks again.
            try await begin("one", first, takes: false)
            // Nothing comes in the stream by which they know of each other, for longer than one that is gone may be silent.
            let end = ContinuousClock.now + silence + options.claimInterval * 2
            var (sent, handled) = (0, 0)
            while ContinuousClock.now < end {
                _ = try await first.publish(envelopes(1, "b.made"))
                sent += 1
                _ = try await waiting(for: "what was sent") { () -> Bool? in
                    for transport in [first, second] {
                        let deliveries = try await transport.receive(for: "one", types: both, limit: 10)
                        try await transport.acknowledge(deliveries, for: "one")
                        handled += deliveries.count
                    }
                    return handled == sent ? true : nil
                }
                #expect(!first.takesLocalEvents("one") && !second.takesLocalEvents("one"))
            }
            await second.close()
        }
    }

    @Test func `nothing is handed over while Redis is away`() async throws {
        try await withTransport { server, transport in
            try await begin("one", transport)
            try await server.kill()
            try await until("the loss is noticed") { !transport.takesLocalEvents("one") }
            transport.deliverLocally(envelopes(1))
            await #expect(throws: SagaFault.self) {
                try await transport.receive(for: "one", types: Self.types, limit: 9)
            }
        }
    }
}
