import Foundation
import ProcessDriver
import SagaChoreography
import SagaSQL
import TestServers
import Testing

@testable import RedisStreamsAdapter

/// Redis loses things, and is away.
@Suite(.enabled(if: RedisServer.requirement.allowsTests, "\(RedisServer.requirement.explanation)"))
struct LossTests {
    @Test func `FLUSHALL costs redelivery, nothing else`() async throws {
        try await withTransport { server, transport in
            let relayed = try await RelayedTransport(transport)
            let events = try await relayed.emit(20)
            try await relayed.relayAll()
            // Both groups have begun to read, one of them holds what is about to be lost.
            let held = try await transport.receive(20, for: "one")
            _ = try await relayed.drain("two")
            try server.call("FLUSHALL")
            let later = try await relayed.emit(5)
            try await transport.acknowledge(held, for: "one")
            for group: ServiceID in ["one", "two"] {
                let received = try await relayed.drain(group)
                #expect(Set(received) == Set(events + later), "\(group)")
            }
            try await relayed.relayAll()
            #expect(try await relayed.unacknowledged() == 0)
        }
    }

    @Test(arguments: [["DEL", "test:a.made:0"], ["XGROUP", "DESTROY", "test:a.made:0", "one"]])
    func `a stream or group that somebody deletes costs redelivery, nothing else`(_ command: [String]) async throws {
        try await withTransport { server, transport in
            let relayed = try await RelayedTransport(transport)
            let events = try await relayed.emit(10)
            try await relayed.relayAll()
            _ = try await transport.receive(10, for: "one")
            _ = try await relayed.drain("two")
            let before = try await transport.generation()
            try server.call(command)
            // Entries with higher ids: to positions alone it would seem that the old ones were handled.
            let later = try await relayed.emit(5)
            try await relayed.relayAll()
            _ = try await waiting(for: "another generation") { try await transport.generation() != before ? true : nil }
            let received = try await relayed.drain("one")
            #expect(Set(received).isSuperset(of: events + later))
            _ = try await relayed.drain("two")
            try await relayed.relayAll()
            #expect(try await relayed.unacknowledged() == 0)
        }
    }

    @Test func `groups that are made for the first time begin no other generation`() async throws {
        try await withTransport { server, transport in
            let generation = try await transport.generation()
            _ = try await transport.publish(envelopes(1))
            _ = try await transport.receive(1, for: "one")
            _ = try await transport.receive(1, for: "two")
            #expect(try await transport.generation() == generation)
            let another = server.transport()
            #expect(try await another.generation() == generation)
            await another.close()
        }
    }

    @Test func `a kill of the server and a restart lose nothing`() async throws {
        try await withTransport { server, transport in
            let relayed = try await RelayedTransport(transport)
            let events = try await relayed.emit(20)
            try await relayed.relayAll()
            _ = try await transport.receive(20, for: "one")
            let before = try await transport.generation()
            try await server.kill()
            let later = try await relayed.emit(5)
            await #expect(throws: SagaFault.self) { while true { _ = try await relayed.relay.poll() } }
            try await server.restart()
            for group: ServiceID in ["one", "two"] {
                let received = try await relayed.drain(group)
                #expect(Set(received).isSuperset(of: events + later), "\(group)")
            }
            try await relayed.relayAll()
            #expect(try await relayed.unacknowledged() == 0)
            #expect(try await transport.generation() != before)
        }
    }

    @Test func `an entry of a generation that is gone is never acknowledged`() async throws {
        try await withTransport { server, transport in
            let old = try await transport.publish(envelopes(3))
            try server.call("FLUSHALL")
            // The ids of what is published now are higher: by position alone the old entries would be behind every group.
            let generation = try await transport.generation()
            let new = try await transport.publish(envelopes(3))
            for group: ServiceID in ["one", "two"] {
                _ = try await transport.receive(3, for: group, acknowledging: true)
            }
            let acknowledged = try await waiting(for: "the acknowledgements") {
                let acknowledged = try await transport.acknowledged(old + new)
                return acknowledged.count >= 3 ? acknowledged : nil
            }
            #expect(acknowledged == Set(new))
            #expect(try await transport.generation() == generation)
        }
    }

    @Test func `what a restart kept survives under a new receipt, what another event took the place of does not`()
        async throws
    {
        try await withTransport { server, transport in
            let events = envelopes(4)
            let old = try await transport.publish(events)
            _ = try await transport.receive(4, for: "one", acknowledging: true)
            let before = try await transport.generation()
            try await server.kill()
            try await server.restart()
            let after = try await waiting(for: "Redis") { try? await transport.generation() }
            #expect(after != before)
            #expect(try await transport.acknowledged(old).isEmpty)
            var asked = zip(old, events).map { (receipt: $0, event: $1.id) }
            asked[3].event = UUID()
            let survivors = try await transport.survivors(of: asked)
            #expect(Set(survivors.keys) == Set(old.prefix(3)))
            // Acknowledgements of the former life count, and what is missing of them is waited for.
            let new = old.prefix(3).compactMap { survivors[$0] }
            #expect(try await transport.acknowledged(new).isEmpty)
            #expect(try await transport.held(new) == Set(new))
            _ = try await transport.receive(4, for: "two", acknowledging: true)
            let acknowledged = try await waiting(for: "the acknowledgements") {
                let acknowledged = try await transport.acknowledged(new)
                return acknowledged.count == 3 ? acknowledged : nil
            }
            #expect(acknowledged == Set(new))
            try server.call("FLUSHALL")
            _ = try await transport.generation()
            #expect(try await transport.survivors(of: zip(new, events).map { ($0, $1.id) }).isEmpty)
        }
    }

    @Test func `calls fail soon while Redis is away, and succeed after it is back`() async throws {
        try await withTransport { server, transport in
            try await transport.ping()
            try await server.shutDown()
            _ =
                try await waiting(for: "a call that fails") {
                    do {
                        try await transport.ping()
                        return nil
                    } catch let error as RedisAdapterError {
                        return error
                    }
                } as RedisAdapterError
            let error = try await #require(throws: RedisAdapterError.self) { try await transport.ping() }
            #expect(error.code == .unreachable)
            #expect(error.description.contains("127.0.0.1:\(server.port)"))
            #expect(error.description.contains("Connection refused"))
            // Nobody can receive, and is told so instead of finding nothing.
            _ =
                try await waiting(for: "a receive that fails") {
                    do {
                        _ = try await transport.receive(for: "one", types: ["a.made"], limit: 1)
                        return nil
                    } catch SagaFault.unavailable(let text) {
                        return text
                    }
                } as String
            await #expect(throws: SagaFault.self) { try await transport.publish(envelopes(1)) }
            try await server.restart()
            _ = try await waiting(for: "a ping that succeeds") { () -> Bool? in
                do {
                    try await transport.ping()
                    return true
                } catch is RedisAdapterError {
                    return nil
                }
            }
            let sent = envelopes(2)
            _ = try await transport.publish(sent)
            let received = try await transport.receive(2, for: "one", acknowledging: true)
            #expect(received.map(\.envelope) == sent)
        }
    }

    @Test func `a server that does not answer is away, until it answers again`() async throws {
        var options = RedisStreamsOptions.inTests()
        options.connectTimeout = .milliseconds(200)
        options.commandTimeout = .milliseconds(200)
        try await withTransport(options: options) { server, transport in
            try await transport.ping()
            await server.suspend()
            let error = try await #require(throws: RedisAdapterError.self) { try await transport.ping() }
            #expect(error.description.contains("no answer within 0.2 seconds"))
            await server.resume()
            _ = try await waiting(for: "a ping that succeeds") { () -> Bool? in
                do {
                    try await transport.ping()
                    return true
                } catch is RedisAdapterError {
                    return nil
                }
            }
        }
    }

    @Test func `an acknowledgement that Redis does not hear is said later, without receiving again`() async throws {
        try await withTransport { server, transport in
            _ = try await transport.publish(envelopes(3))
            let held = try await transport.receive(3, for: "one")
            try await server.shutDown()
            try await transport.acknowledge(held, for: "one")
            let isTold = try await waiting(for: "whoever asks for more to hear of it") { () -> Bool? in
                do {
                    return try await transport.receive(for: "one", types: ["a.made"], limit: 10).isEmpty ? nil : false
                } catch SagaFault.unavailable {
                    return true
                }
            }
            #expect(isTold)
            try await server.restart()
            _ = try await waiting(for: "the end of the debt") { () -> Bool? in
                do {
                    let again = try await transport.receive(for: "one", types: ["a.made"], limit: 10)
                    #expect(again.isEmpty)
                    return try await transport.lag()["one"] == 0 ? true : nil
                } catch SagaFault.unavailable {
                    return nil
                } catch is RedisAdapterError {
                    return nil
                }
            }
        }
    }
}
