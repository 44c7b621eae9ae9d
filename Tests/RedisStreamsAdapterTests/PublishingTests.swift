import Foundation
import ProcessDriver
import SagaChoreography
import SagaTesting
import TestServers
import Testing

@testable import RedisStreamsAdapter

@Suite(.enabled(if: RedisServer.requirement.allowsTests, "\(RedisServer.requirement.explanation)"))
struct PublishingTests {
    @Test func `an envelope arrives as it was sent, whatever bytes it holds`() async throws {
        let full = Envelope(
            id: ids.next(), type: "a.made", version: 3, source: "maker", subject: ids.next(),
            time: Timestamp(milliseconds: 1_767_225_600_123), correlationID: ids.next(), causationID: ids.next(),
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            data: Data("{\"name\":\"한국어 \\r\\n\",\"zero\":\"\0\"}\r\n$5\r\n".utf8))
        try await withTransport { _, transport in
            let bare = envelope(ids.next())
            _ = try await transport.publish([full, bare])
            #expect(try await transport.receive(2, for: "one").map(\.envelope) == [full, bare])
        }
    }

    @Test func `an entry is acknowledged once every subscribing group has acknowledged that very one`() async throws {
        try await withTransport { _, transport in
            let receipts = try await transport.publish(envelopes(5))
            #expect(try await transport.acknowledged(receipts) == [])
            _ = try await transport.receive(5, for: "one", acknowledging: true)
            #expect(try await transport.acknowledged(receipts) == [])
            let deliveries = try await transport.receive(5, for: "two")
            #expect(try await transport.acknowledged(receipts) == [])
            // A position beyond an entry is no proof.
            try await transport.settle([deliveries[1], deliveries[4]], for: "two")
            #expect(try await transport.acknowledged(receipts) == [receipts[1], receipts[4]])
            try await transport.settle(deliveries, for: "two")
            #expect(try await transport.acknowledged(receipts) == Set(receipts))
            #expect(try await transport.acknowledged([Receipt("of another transport")]) == [])
        }
    }

    @Test func `an entry that no group has been given is not acknowledged`() async throws {
        try await withTransport { server, transport in
            for group in ["one", "two"] { try server.call("XGROUP", "CREATE", "test:a.made:0", group, "0", "MKSTREAM") }
            let receipts = try await transport.publish(envelopes(3))
            for group in ["one", "two"] {
                try server.call(
                    "XREADGROUP", "GROUP", group, "c", "COUNT", "2", "NOACK", "STREAMS", "test:a.made:0", ">")
            }
            #expect(try await transport.acknowledged(receipts) == Set(receipts.prefix(2)))
        }
    }

    @Test func `an event that nobody subscribes to is not sent and counts as acknowledged`() async throws {
        try await withTransport { server, transport in
            let receipts = try await transport.publish(envelopes(2, "z.made") + envelopes(1))
            #expect(try await transport.acknowledged(receipts) == Set(receipts.prefix(2)))
            #expect(try server.call("KEYS", "*z.made*") == "")
        }
    }

    @Test func `more pending deliveries than fit on a page are looked at all the same`() async throws {
        try await withTransport(options: .inTests(ahead: 20_000)) { _, transport in
            let receipts = try await transport.publish(envelopes(2500))
            _ = try await transport.receive(2500, for: "one", acknowledging: true)
            let deliveries = try await transport.receive(2500, for: "two")
            #expect(try await transport.acknowledged(receipts) == [])
            try await transport.settle([deliveries[2499]], for: "two")
            #expect(try await transport.acknowledged(receipts) == [receipts[2499]])
        }
    }

    @Test func `a wrong password is told as such, and not shown`() async throws {
        try await RedisServer.with(password: "right-s3cret") { server in
            let wrong = RedisStreamsTransport(
                RedisEndpoint(port: server.port, password: "wrong-s3cret"), subscriptions: subscriptions)
            let none = RedisStreamsTransport(RedisEndpoint(port: server.port), subscriptions: subscriptions)
            for (transport, word) in [(wrong, "WRONGPASS"), (none, "NOAUTH")] {
                let error = try await #require(throws: RedisAdapterError.self) { try await transport.ping() }
                #expect(error.code == .refused)
                #expect(error.description.contains("127.0.0.1:\(server.port) refuses the connection: \(word)"))
                #expect(!error.description.contains("s3cret"))
                await transport.close()
            }
            let right = server.transport()
            try await right.ping()
            _ = try await right.publish(envelopes(1))
            #expect(try await right.receive(1, for: "one", acknowledging: true).count == 1)
            await right.close()
        }
    }

    @Test func `a server without room for another client is away, not closed to us`() async throws {
        try await withTransport { server, transport in
            let first = server.transport()
            try await first.ping()
            try server.call("CONFIG", "SET", "maxclients", "1")
            let error = try await #require(throws: RedisAdapterError.self) { try await transport.ping() }
            #expect(error.code == .unreachable)
            await first.close()
        }
    }

    @Test func `a user of its own and another database work`() async throws {
        try await RedisServer.with { server in
            try server.call("ACL", "SETUSER", "saga", "on", ">s3cret", "~test:*", "+@all")
            let endpoint = try RedisEndpoint(url: "redis://saga:s3cret@127.0.0.1:\(server.port)/3")
            let transport = RedisStreamsTransport(endpoint, subscriptions: subscriptions, options: .inTests())
            _ = try await transport.publish(envelopes(1))
            #expect(try await transport.receive(1, for: "one", acknowledging: true).count == 1)
            #expect(try server.call("EXISTS", "test:a.made:0") == "0")
            #expect(try server.call("-n", "3", "EXISTS", "test:a.made:0") == "1")
            await transport.close()
        }
    }

    @Test func `another number of partitions than the streams were made for is refused`() async throws {
        try await withTransport(options: .inTests(partitions: 2)) { server, transport in
            try await transport.ping()
            let other = server.transport(.inTests(partitions: 3))
            let error = try await #require(throws: RedisAdapterError.self) { try await other.ping() }
            #expect(error.code == .otherPartitions)
            #expect(error.description.contains("holds streams of 2 partitions under 'test', this process is set to 3"))
            await #expect(throws: SagaFault.self) { try await other.publish(envelopes(1)) }
            await other.close()
        }
    }

    @Test func `a server that deletes streams when its memory is full is refused`() async throws {
        try await withTransport { server, transport in
            try server.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
            try await transport.ping()
            try server.call("CONFIG", "SET", "maxmemory", "100mb")
            let error = try await #require(throws: RedisAdapterError.self) { try await transport.ping() }
            #expect(error.code == .misconfigured)
            #expect(error.description.contains("allkeys-lru"))
            try server.call("CONFIG", "SET", "maxmemory-policy", "noeviction")
            try await transport.ping()
        }
    }

    @Test func `a full memory refuses events, and lets go on what is in flight`() async throws {
        try await withTransport { server, transport in
            let sent = envelopes(5)
            let receipts = try await transport.publish(sent)
            _ = try await transport.receive(1, for: "one")
            _ = try await transport.receive(1, for: "two")
            try server.call("CONFIG", "SET", "maxmemory", "1mb")
            await #expect(throws: SagaFault.self) { try await transport.publish(envelopes(1)) }
            for group: ServiceID in ["one", "two"] {
                _ = try await transport.receive(5, for: group, acknowledging: true)
            }
            #expect(try await transport.acknowledged(receipts) == Set(receipts))
            _ = try await StreamTrimmer(transport, clock: ManualClock()).poll()
            #expect(try server.call("XLEN", "test:a.made:0") == "0")
            try server.call("CONFIG", "SET", "maxmemory", "0")
            _ = try await transport.publish(envelopes(1))
        }
    }

    @Test func `an entry that is no event is reported, stays, and holds up nothing`() async throws {
        try await RedisServer.with { server in
            let (reports, continuation) = AsyncStream.makeStream(of: String.self)
            let transport = RedisStreamsTransport(
                server.endpoint, subscriptions: subscriptions, options: .inTests(), report: { continuation.yield($0) })
            try server.call("XADD", "test:a.made:0", "*", "no", "event")
            let sent = envelopes(1)
            _ = try await transport.publish(sent)
            #expect(try await transport.receive(1, for: "one", acknowledging: true).map(\.envelope) == sent)
            let report = await reports.first { _ in true }
            #expect(report?.contains("is no event") == true)
            #expect(try await transport.lag()["one"] == 1)
            await transport.close()
        }
    }

    @Test func `a type that a group does not subscribe to cannot be received`() async throws {
        try await withTransport { _, transport in
            await #expect(throws: SagaFault.self) {
                try await transport.receive(for: "one", types: ["z.made"], limit: 1)
            }
            await #expect(throws: SagaFault.self) {
                try await transport.receive(for: "nobody", types: ["a.made"], limit: 1)
            }
        }
    }
}
