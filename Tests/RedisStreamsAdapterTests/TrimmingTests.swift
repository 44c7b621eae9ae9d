import ProcessDriver
import SagaChoreography
import SagaTesting
import TestServers
import Testing

@testable import RedisStreamsAdapter

@Suite(.enabled(if: RedisServer.requirement.allowsTests, "\(RedisServer.requirement.explanation)"))
struct TrimmingTests {
    @Test func `trimming stays behind what one group lacks`() async throws {
        try await withTransport { server, transport in
            let trimmer = StreamTrimmer(transport, clock: ManualClock())
            let sent = envelopes(50)
            _ = try await transport.publish(sent)
            // Nobody has received anything; then one group has, and the other one does not even exist.
            _ = try await trimmer.poll()
            _ = try await transport.receive(50, for: "one", acknowledging: true)
            _ = try await trimmer.poll()
            #expect(try server.call("XLEN", "test:a.made:0") == "50")
            // Two receives all and acknowledges all but the eleventh.
            let deliveries = try await transport.receive(50, for: "two")
            try await transport.settle(deliveries.filter { $0 != deliveries[10] }, for: "two")
            _ = try await trimmer.poll()
            #expect(try server.call("XLEN", "test:a.made:0") == "40")
            #expect(try await transport.receive(1, for: "two").map(\.envelope) == [sent[10]])
            try await transport.settle([deliveries[10]], for: "two")
            _ = try await trimmer.poll()
            #expect(try server.call("XLEN", "test:a.made:0") == "0")
        }
    }

    @Test func `a stream stays small however much passes through it`() async throws {
        try await withTransport(options: .inTests(partitions: 2)) { server, transport in
            let trimmer = StreamTrimmer(transport, clock: ManualClock())
            for _ in 0..<20 {
                let receipts = try await transport.publish(envelopes(200))
                for group: ServiceID in ["one", "two"] {
                    _ = try await transport.receive(200, for: group, acknowledging: true)
                }
                _ = try await trimmer.poll()
                // What is trimmed stays provably acknowledged.
                #expect(try await transport.acknowledged(receipts) == Set(receipts))
            }
            for partition in 0..<2 { #expect(try server.call("XLEN", "test:a.made:\(partition)") == "0") }
            #expect(try await transport.lag() == ["one": 0, "two": 0])
        }
    }

    @Test func `consumers that are gone lose their names, unless they hold deliveries`() async throws {
        var options = RedisStreamsOptions.inTests()
        options.consumerLifetime = .zero
        try await withTransport(options: options) { server, transport in
            _ = try await transport.publish(envelopes(2))
            let key = "test:a.made:0"
            try server.call("XGROUP", "CREATE", key, "one", "0")
            try server.call("XREADGROUP", "GROUP", "one", "holding", "COUNT", "1", "STREAMS", key, ">")
            try server.call("XGROUP", "CREATECONSUMER", key, "one", "gone")
            _ = try await StreamTrimmer(transport, clock: ManualClock()).poll()
            let consumers = try server.call("XINFO", "CONSUMERS", key, "one")
            #expect(consumers.contains("holding"))
            #expect(!consumers.contains("gone"))
        }
    }
}
