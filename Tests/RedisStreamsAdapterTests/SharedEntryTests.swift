import Foundation
import ProcessDriver
import SagaChoreography
import SagaTesting
import TestServers
import Testing

@testable import RedisStreamsAdapter

/// Events that are sent together share entries.
@Suite(.enabled(if: RedisServer.requirement.allowsTests, "\(RedisServer.requirement.explanation)"))
struct SharedEntryTests {
    private static let options = RedisStreamsOptions.inTests(together: 4)

    @Test func `events of one stream share entries, arrive in order, and have one receipt an entry`() async throws {
        try await withTransport(options: Self.options) { server, transport in
            let (a, b) = (envelopes(10), envelopes(3, "b.made"))
            // In between each other.
            let sent = [a[0], b[0], a[1], b[1]] + a[2...] + [b[2]]
            let receipts = try await transport.publish(sent)
            #expect(try server.call("XLEN", "test:a.made:0") == "3")
            #expect(try server.call("XLEN", "test:b.made:0") == "1")
            #expect(Set(receipts).count == 4)
            #expect(receipts[0] == receipts[2] && receipts[1] == receipts[3] && receipts[0] != receipts[1])
            let received = try await transport.receive(13, for: "one")
            #expect(received.map(\.envelope).filter { $0.type == "a.made" } == a)
            #expect(received.map(\.envelope).filter { $0.type == "b.made" } == b)
        }
    }

    @Test func `an entry is acknowledged once every group has handled each of its events`() async throws {
        try await withTransport(options: Self.options) { server, transport in
            let receipts = try await transport.publish(envelopes(8))
            _ = try await transport.receive(8, for: "one", acknowledging: true)
            let deliveries = try await transport.receive(8, for: "two")
            try await transport.settle(Array(deliveries.dropLast()), for: "two")
            #expect(try await transport.acknowledged(receipts) == [receipts[0]])
            #expect(try await transport.lag() == ["one": 0, "two": 4])
            _ = try await StreamTrimmer(transport, clock: ManualClock()).poll()
            #expect(try server.call("XLEN", "test:a.made:0") == "1")
            try await transport.settle([deliveries[7]], for: "two")
            #expect(try await transport.acknowledged(receipts) == Set(receipts))
            #expect(try await transport.lag() == ["one": 0, "two": 0])
        }
    }

    @Test func `what is left of an entry comes again with all of it, to another consumer`() async throws {
        let patient = RedisStreamsOptions.inTests(claimAfter: .seconds(3600), together: 4)
        try await RedisServer.with { server in
            let leaving = server.transport(patient)
            let sent = envelopes(8)
            _ = try await leaving.publish(sent)
            let held = try await leaving.receive(8, for: "one")
            try await leaving.acknowledge(Array(held.prefix(6)), for: "one")
            await leaving.close()
            var impatient = patient
            impatient.claimAfter = .milliseconds(300)
            let other = server.transport(impatient)
            let received = try await other.receive(4, for: "one", acknowledging: true)
            #expect(received.map(\.envelope) == Array(sent.suffix(4)), "two of them were handled")
            #expect(try await other.lag()["one"] == 0)
            await other.close()
        }
    }

    @Test func `what waits is counted in events, beyond twenty entries of a stream by those`() async throws {
        try await withTransport(options: Self.options) { _, transport in
            _ = try await transport.publish(envelopes(7))
            #expect(try await transport.lag() == ["one": 7, "two": 7])
            let held = try await transport.receive(7, for: "one")
            #expect(try await transport.lag()["one"] == 7)
            try await transport.settle(held, for: "one")
            #expect(try await transport.lag() == ["one": 0, "two": 7])
            _ = try await transport.publish(envelopes(400))
            // 102 entries, the second of which has three events, the first 20 of them 79.
            #expect(try await transport.lag()["two"] == 102 * 79 / 20)
            let backlog = try await transport.backlog()
            #expect(backlog["two"]?.count == 402 && backlog["two"]?.oldest != nil)
        }
    }

    @Test func `an entry takes no more events than fit`() async throws {
        try await withTransport(options: .inTests(together: 64)) { server, transport in
            let large = (0..<5).map { _ in
                Envelope(
                    id: ids.next(), type: "a.made", version: 1, source: "maker", subject: nil,
                    time: Timestamp(milliseconds: 1), correlationID: nil, causationID: nil, traceparent: nil,
                    data: Data(repeating: 7, count: 30_000))
            }
            let huge = Envelope(
                id: ids.next(), type: "a.made", version: 1, source: "maker", subject: nil,
                time: Timestamp(milliseconds: 1), correlationID: nil, causationID: nil, traceparent: nil,
                data: Data(repeating: 8, count: 200_000))
            let sent = large + [huge] + envelopes(2)
            _ = try await transport.publish(sent)
            #expect(try server.call("XLEN", "test:a.made:0") == "5")
            #expect(try await transport.receive(8, for: "one").map(\.envelope) == sent)
        }
    }

    @Test func `an entry survives a restart with all its events, or with none that it was not made for`() async throws {
        try await withTransport(options: Self.options) { server, transport in
            let events = envelopes(8)
            let old = try await transport.publish(events)
            _ = try await transport.receive(8, for: "one", acknowledging: true)
            try await server.kill()
            try await server.restart()
            _ = try await waiting(for: "Redis") { try? await transport.generation() }
            var asked = zip(old, events).map { (receipt: $0, event: $1.id) }
            asked[5].event = UUID()
            let survivors = try await transport.survivors(of: asked)
            #expect(Set(survivors.keys) == [old[0]])
            let new = try #require(survivors[old[0]])
            #expect(try await transport.held([new, new]) == [new])
        }
    }

    @Test func `a consumer gets no more ahead than it has room for, however full the entries are`() async throws {
        try await withTransport(options: .inTests(ahead: 40, together: 16)) { server, transport in
            let sent = envelopes(320)
            _ = try await transport.publish(sent)
            var received: [Envelope] = []
            while received.count < sent.count {
                let part = try await transport.receive(for: "one", types: ["a.made"], limit: 10)
                received += part.map(\.envelope)
                // Before the first answer there may be no group to ask for.
                guard !part.isEmpty else { continue }
                let pending = try #require(
                    Int(try server.call("XPENDING", "test:a.made:0", "one").components(separatedBy: "\n")[0]))
                #expect(pending <= 40 / 16 + 2)
                try await transport.settle(part, for: "one")
            }
            #expect(received == sent)
        }
    }
}
