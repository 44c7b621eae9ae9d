import ProcessDriver
import TestServers
import Testing

/// Processes that are told different numbers of partitions, on one Redis.
@Suite(.serialized, .enabled(if: SplitSystem.allowsTests, "\(SplitSystem.explanation)"))
struct `A process with another number of partitions` {
    private func environment(_ system: SplitSystem, _ partitions: Int) -> [String: String] {
        system.environment().merging(["EVENT_PARTITIONS": String(partitions), "LOG_LEVEL": "notice"]) { $1 }
    }

    @Test(.timeLimit(.minutes(2))) func `is refused at the start, told why and what to do`() async throws {
        let system = try await SplitSystem("partitions")
        let first = try await system.start("all", environment(system, 2))
        let second = try await system.workspace.run(
            ["serve", "--port", "0", "--env", "test", "--services", "payments"], environment: environment(system, 3))
        #expect(second.exit == .code(78))
        for words in ["EVENT_PARTITIONS: is not what the running system has", "2 partitions", "set to 3", "flushdb"] {
            #expect(second.errors.contains(words), "\(words) in \(second.errors)")
        }
        // The right number is let in, and after what the message says so is the other one.
        let third = try await system.start("payments", environment(system, 2))
        for server in [first, third] { #expect(try await server.stop() == .code(0)) }
        try system.redis.call("FLUSHDB")
        try await system.finish([try await system.start("all", environment(system, 3))])
    }
}
