import Foundation
import ProcessDriver
import SagaChoreography
import Synchronization
import TestServers
import Testing

@testable import RedisStreamsAdapter

/// Several processes, each with a transport of its own, are one group.
@Suite(.enabled(if: RedisServer.requirement.allowsTests, "\(RedisServer.requirement.explanation)"))
struct SharingTests {
    /// Only what others left for so long is taken over.
    private static let options = RedisStreamsOptions.inTests(claimAfter: .milliseconds(300), ahead: 40)

    @Test func `two consumers share the work of a group, each event goes to one of them`() async throws {
        // However slow the machine is, nobody is taken for gone: what he holds would go to the other one as well.
        let options = RedisStreamsOptions.inTests(claimAfter: .seconds(3600), ahead: 40)
        try await withTransport(options: options) { server, first in
            let second = server.transport(options)
            // Both are reading before there is anything, neither can fetch all of it ahead.
            for transport in [first, second] {
                #expect(try await transport.receive(for: "one", types: ["a.made"], limit: 1).isEmpty)
            }
            _ = try await waiting(for: "two consumers") { () -> Bool? in
                let consumers = try server.call("XINFO", "CONSUMERS", "test:a.made:0", "one")
                return consumers.components(separatedBy: "name").count == 3 ? true : nil
            }
            let sent = envelopes(200)
            _ = try await first.publish(sent)
            // Neither has room for all, so there is something for the slower one however slow it is.
            for transport in [first, second] {
                _ = try await waiting(for: "something for each of them") { () -> Bool? in
                    try await transport.receive(for: "one", types: ["a.made"], limit: 1).isEmpty ? nil : true
                }
            }
            var shares: [[UUID]] = [[], []]
            _ = try await waiting(for: "all events, at one or the other") { () -> Bool? in
                for (index, transport) in [first, second].enumerated() {
                    let deliveries = try await transport.receive(for: "one", types: ["a.made"], limit: 10)
                    try await transport.acknowledge(deliveries, for: "one")
                    shares[index] += deliveries.map(\.envelope.id)
                }
                return shares[0].count + shares[1].count >= sent.count ? true : nil
            }
            #expect(!shares[0].isEmpty && !shares[1].isEmpty)
            #expect((shares[0] + shares[1]).sorted { $0.uuidString < $1.uuidString } == sent.map(\.id))
            await second.close()
        }
    }

    @Test func `what a stopped consumer did not acknowledge comes to another one`() async throws {
        try await withTransport(options: Self.options) { server, survivor in
            let stopped = server.transport(Self.options)
            let sent = envelopes(30)
            let receipts = try await stopped.publish(sent)
            let held = try await stopped.receive(30, for: "one")
            // It stops without a word: whatever it does later is not seen here.
            let taken = try await survivor.receive(30, for: "one", acknowledging: true)
            #expect(Set(taken.map(\.envelope)) == Set(sent))
            _ = try await survivor.receive(30, for: "two", acknowledging: true)
            #expect(try await survivor.acknowledged(receipts) == Set(receipts))
            // It wakes up and says what it did: nobody minds.
            try await stopped.acknowledge(held, for: "one")
            #expect(try await survivor.lag() == ["one": 0, "two": 0])
            await stopped.close()
        }
    }

    @Test func `what was given to a consumer in an answer that got lost is fetched with its next connection`()
        async throws
    {
        // Others would take it over in an hour.
        try await withTransport(options: .inTests(claimAfter: .seconds(3600))) { server, transport in
            let sent = envelopes(250)
            _ = try await transport.publish(sent)
            let key = "test:a.made:0"
            try server.call("XGROUP", "CREATE", key, "one", "0")
            try server.call("XREADGROUP", "GROUP", "one", transport.consumer, "COUNT", "240", "STREAMS", key, ">")
            let received = try await transport.receive(250, for: "one", acknowledging: true)
            #expect(received.map(\.envelope) == sent)
        }
    }

    @Test func `what an orderly end leaves is taken over without the usual patience`() async throws {
        // Were it not handed back, it would lie there for an hour.
        let patient = RedisStreamsOptions.inTests(claimAfter: .seconds(3600))
        try await RedisServer.with { server in
            let leaving = server.transport(patient)
            let sent = envelopes(10)
            _ = try await leaving.publish(sent)
            let held = try await leaving.receive(10, for: "one")
            try await leaving.acknowledge(Array(held.prefix(4)), for: "one")
            await leaving.close()
            let idle = try server.call("XPENDING", "test:a.made:0", "one", "IDLE", "3600000", "-", "+", "100")
            #expect(idle.components(separatedBy: "\n").count == 6 * 4)
            await #expect(throws: SagaFault.unavailable("the transport is closed")) {
                try await leaving.receive(for: "one", types: ["a.made"], limit: 10)
            }
        }
    }

    @Test func `a consumer that ends with nothing left takes its name along`() async throws {
        try await RedisServer.with { server in
            let transport = server.transport()
            _ = try await transport.publish(envelopes(1))
            _ = try await transport.receive(1, for: "one", acknowledging: true)
            #expect(try server.call("XINFO", "CONSUMERS", "test:a.made:0", "one") != "")
            await transport.close()
            #expect(try server.call("XINFO", "CONSUMERS", "test:a.made:0", "one") == "")
        }
    }

    @Test func `an arrival is told to whoever listens`() async throws {
        try await withTransport { _, transport in
            let rings = Mutex<[Set<EventType>]>([])
            transport.onArrival(for: "one") { types in rings.withLock { $0.append(types) } }
            transport.onArrival(for: "two") { _ in Issue.record("nothing arrived for two, which does not receive") }
            #expect(try await transport.receive(for: "one", types: ["a.made"], limit: 1).isEmpty)
            _ = try await transport.publish(envelopes(1))
            try await until("a ring") { rings.withLock { $0 }.contains(["a.made"]) }
            #expect(try await transport.receive(for: "one", types: ["a.made"], limit: 1).count == 1)
        }
    }

    @Test func `no more is fetched ahead than there is room for`() async throws {
        try await withTransport(options: .inTests(ahead: 40)) { server, transport in
            let sent = envelopes(100)
            _ = try await transport.publish(sent)
            let first = try await transport.receive(10, for: "one")
            let pending = try #require(
                Int(try server.call("XPENDING", "test:a.made:0", "one").components(separatedBy: "\n")[0]))
            #expect(pending <= 40)
            try await transport.acknowledge(first, for: "one")
            let rest = try await transport.receive(100 - first.count, for: "one", acknowledging: true)
            #expect((first + rest).map(\.envelope) == sent)
        }
    }
}
