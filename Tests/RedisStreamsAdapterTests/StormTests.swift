import Foundation
import ProcessDriver
import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization
import TestServers
import Testing

@testable import RedisStreamsAdapter

/// Everything at once: losses, kills and cut connections while events pass through.
@Suite(.enabled(if: RedisServer.requirement.allowsTests, "\(RedisServer.requirement.explanation)"))
struct StormTests {
    /// What the consumers handled, and whether the storm is over.
    private final class Ledger: Sendable {
        private let state = Mutex((handled: [ServiceID: Set<UUID>](), isOver: false))

        var isOver: Bool { state.withLock { $0.isOver } }
        func end() { state.withLock { $0.isOver = true } }
        func note(_ events: [UUID], _ group: ServiceID) {
            state.withLock { $0.handled[group, default: []].formUnion(events) }
        }
        func handled(_ group: ServiceID) -> Set<UUID> { state.withLock { $0.handled[group] ?? [] } }
    }

    /// The relay's patience never ends here (its clock stands still), so nothing is healed by sending it again after a while:
    /// every loss must be noticed as one.
    @Test func `nothing is lost in a storm, and everything is at rest after it`() async throws {
        var options = RedisStreamsOptions.inTests(partitions: 2, claimAfter: .milliseconds(200), ahead: 50, together: 7)
        options.connectTimeout = .milliseconds(500)
        options.commandTimeout = .milliseconds(500)
        try await withTransport(options: options) { server, transport in
            let relayed = try await RelayedTransport(transport)
            let others = [server.transport(options), server.transport(options)]
            let ledger = Ledger()
            let trimmer = StreamTrimmer(transport, clock: ManualClock())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await Self.drive(until: ledger) { _ = try await relayed.relay.poll() } }
                group.addTask { try await Self.drive(until: ledger) { _ = try await relayed.acknowledgements.poll() } }
                group.addTask { try await Self.drive(until: ledger) { _ = try await trimmer.poll() } }
                for (process, service) in [(transport, "one"), (others[0], "one"), (others[1], "two")] {
                    group.addTask { try await Self.consume(ServiceID(service), from: process, into: ledger) }
                }
                let sent = try await Self.storm(over: server, relayed)
                for service: ServiceID in ["one", "two"] {
                    try await until("all events at '\(service)'") { ledger.handled(service) == Set(sent) }
                }
                _ = try await waiting(for: "an outbox at rest") {
                    try await relayed.unacknowledged() == 0 ? true : nil
                }
                ledger.end()
                try await group.waitForAll()
            }
            #expect(try await transport.lag() == ["one": 0, "two": 0])
            _ = try await trimmer.poll()
            for stream in transport.layout.streams {
                #expect(try server.call("XLEN", transport.layout.key(stream)) == "0")
            }
            for other in others { await other.close() }
        }
    }

    /// Sends events, with a fault between every two batches.
    private static func storm(over server: RedisServer, _ relayed: RelayedTransport) async throws -> [UUID] {
        var sent: [UUID] = []
        for round in 0..<24 {
            for type: EventType in ["a.made", "b.made"] { sent += try await relayed.emit(20, type) }
            try await pause(.milliseconds(20))
            switch round % 4 {
            case 0: try server.call("FLUSHALL")
            case 1: try server.call("CLIENT", "KILL", "TYPE", "normal")
            case 2:
                try await server.kill()
                try await server.restart()
            default:
                await server.suspend()
                try await pause(.milliseconds(100))
                await server.resume()
            }
        }
        return sent
    }

    private static func consume(
        _ group: ServiceID, from transport: RedisStreamsTransport, into ledger: Ledger
    ) async throws {
        try await drive(until: ledger) {
            let deliveries = try await transport.receive(for: group, types: ["a.made", "b.made"], limit: 20)
            ledger.note(deliveries.map(\.envelope.id), group)
            try await transport.acknowledge(deliveries, for: group)
        }
    }

    /// Calls `body` again and again; that Redis is away is no reason to end.
    private static func drive(until ledger: Ledger, _ body: () async throws -> Void) async throws {
        while !ledger.isOver {
            do { try await body() } catch SagaFault.unavailable { try await pause(.milliseconds(10)) }
            try await pause(.milliseconds(1))
        }
    }
}
