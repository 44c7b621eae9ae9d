import Foundation
import ProcessDriver
import SagaChoreography
import SagaTesting
import Synchronization
import TestServers
import Testing

@testable import RedisStreamsAdapter

@Suite(.enabled(if: RedisServer.requirement.allowsTests, "\(RedisServer.requirement.explanation)"))
struct `A stream that refuses events` {
    /// Whether each event was taken.
    private func taken(_ results: [Result<Receipt, SagaFault>]) -> [Bool] {
        results.map { if case .success = $0 { true } else { false } }
    }

    @Test func `since its key holds something else keeps no other stream waiting`() async throws {
        try await RedisServer.with { server in
            let told = Mutex<[String]>([])
            let transport = RedisStreamsTransport(
                server.endpoint, subscriptions: subscriptions, options: .inTests(),
                report: { line in told.withLock { $0.append(line) } })
            try server.call("SET", "test:a.made:0", "something else")
            let both = envelopes(2, "a.made") + envelopes(3, "b.made")
            for _ in 0..<3 {
                let results = try await transport.publishEach(both)
                #expect(taken(results) == [false, false, true, true, true])
            }
            #expect(transport.refusals["a.made"]?.contains("WRONGTYPE") == true)
            #expect(try server.call("XLEN", "test:b.made:0") == "9")
            #expect(told.withLock { $0.count } == 1, "told once")
            await #expect(throws: SagaFault.self) { try await transport.publish(both) }
            // What others wrote stays acknowledgeable and is trimmed.
            _ = try await StreamTrimmer(transport, clock: ManualClock()).poll()

            try server.call("DEL", "test:a.made:0")
            #expect(taken(try await transport.publishEach(both)) == [true, true, true, true, true])
            #expect(transport.refusals.isEmpty)
            #expect(told.withLock { $0 }.map { $0.contains("takes events again") } == [false, true])
            await transport.close()
        }
    }

    @Test func `that this login may not write keeps no other stream waiting`() async throws {
        try await RedisServer.with { server in
            try server.call("ACL", "SETUSER", "saga", "on", ">s3cret", "~test:generation", "~test:b.made:*", "+@all")
            let endpoint = RedisEndpoint(port: server.port, user: "saga", password: "s3cret")
            let transport = RedisStreamsTransport(endpoint, subscriptions: subscriptions, options: .inTests())
            let results = try await transport.publishEach(envelopes(1, "a.made") + envelopes(1, "b.made"))
            #expect(taken(results) == [false, true])
            #expect(transport.refusals["a.made"]?.contains("NOPERM") == true)
            await transport.close()
        }
    }

    @Test func `is tried again by the relay, which sends the others meanwhile`() async throws {
        try await withTransport { server, transport in
            let relayed = try await RelayedTransport(transport)
            try server.call("SET", "test:a.made:0", "something else")
            let stuck = try await relayed.emit(3, "a.made")
            let others = try await relayed.emit(4, "b.made")
            while try await relayed.relay.poll() == .worked {}
            #expect(try server.call("XLEN", "test:b.made:0") == "4")
            #expect(relayed.relay.book.refusedCount == 3)
            #expect(relayed.relay.book.backlog.count == 3)
            // More of both kinds: those that are refused wait, the rest goes on.
            _ = try await relayed.emit(1, "a.made") + relayed.emit(1, "b.made")
            while try await relayed.relay.poll() == .worked {}
            #expect(try server.call("XLEN", "test:b.made:0") == "5")
            #expect(relayed.relay.book.refusedCount == 4)

            try server.call("DEL", "test:a.made:0")
            relayed.clock.advance(by: .seconds(61))
            while try await relayed.relay.poll() == .worked {}
            #expect(relayed.relay.book.refusedCount == 0)
            #expect(try server.call("XLEN", "test:a.made:0") == "4")
            let arrived = try await transport.receive(9, for: "one", acknowledging: true).map(\.envelope.id)
            #expect(Set(arrived).isSuperset(of: stuck + others))
        }
    }
}
