import Foundation
import PostgresAdapter
import ProcessDriver
import SQLCore
import TestServers
import Testing

/// Two real processes with the bus inside each, on one PostgreSQL database.
@Suite(.serialized, .enabled(if: SplitSystem.allowsTests, "\(SplitSystem.explanation)"))
struct `One process with the embedded bus` {
    private func environment(_ system: SplitSystem) -> [String: String] {
        system.environment().merging(["EVENT_BUS": "embedded", "LOG_LEVEL": "notice"]) { $1 }
    }

    private func serve(_ system: SplitSystem) async throws -> Ended {
        try await system.workspace.run(["serve", "--port", "0", "--env", "test"], environment: environment(system))
    }

    /// The server's process behind the lock; `nil` while nobody has it.
    private func holder(_ database: PostgresDatabase) async throws -> Int64? {
        try await database.read { transaction in
            try transaction.first(
                """
                SELECT pid::bigint AS pid FROM pg_locks WHERE locktype = 'advisory' AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """)?.int64("pid")
        }
    }

    @Test(.timeLimit(.minutes(2))) func `refuses a second one until it has ended, however it ends`() async throws {
        let system = try await SplitSystem("single")
        let first = try await system.start("all", environment(system))
        let second = try await serve(system)
        #expect(second.exit == .code(69))
        #expect(second.errorLines.count == 1, "\(second.errors)")
        #expect(second.errors.contains("another process serves"), "\(second.errors)")
        #expect(second.errors.contains("EVENT_BUS=redis"), "\(second.errors)")
        try await first.kill()
        let third = try await waiting(for: "the next one", within: .seconds(30)) { () -> Server? in
            do { return try await system.start("all", environment(system)) } catch is ServerDidNotStart { return nil }
        }
        #expect(try await third.stop() == .code(0))
        let fourth = try await system.start("all", environment(system))
        try await system.finish([fourth])
    }

    @Test(.timeLimit(.minutes(2))) func `takes its lock again when the connection breaks`() async throws {
        let system = try await SplitSystem("relock")
        let server = try await system.start("all", environment(system))
        let database = PostgresDatabase(system.owner, PostgresSettings(poolSize: 1))
        let before = try #require(try await holder(database))
        try await database.write { _ = try $0.rows("SELECT pg_terminate_backend(\(before)::int) AS ended") }
        let after = try await waiting(for: "the lock to be taken again") { () -> Int64? in
            let now = try await holder(database)
            return now == before ? nil : now
        }
        #expect(after != before)
        #expect(try await serve(system).exit == .code(69))
        database.close()
        try await system.finish([server])
    }

    @Test(.timeLimit(.minutes(2))) func `ends when another one was faster`() async throws {
        let system = try await SplitSystem("overtaken")
        let server = try await system.start("all", environment(system))
        let database = PostgresDatabase(system.owner, PostgresSettings(poolSize: 1))
        let before = try #require(try await holder(database))
        let other = PostgresSessionLock(system.owner, key: 0x7075_7263_6861_7366)
        try await database.write { _ = try $0.rows("SELECT pg_terminate_backend(\(before)::int) AS ended") }
        _ = try await waiting(for: "the lock", every: .milliseconds(1)) { () -> Bool? in
            do {
                try await other.hold()
                return true
            } catch let error as SQLError where error.code == .locked { return nil }
        }
        let exit = try await server.program.end(within: .seconds(30))
        #expect(exit == .code(69))
        #expect(server.program.errors.contains("another process serves"), "\(server.program.errors)")
        await other.release()
        database.close()
        try await system.finish([])
    }

    @Test(.timeLimit(.minutes(2)))
    func `a lock whose connection says nothing any more is taken from the session it left`() async throws {
        let system = try await SplitSystem("halfopen")
        let proxy = try await FaultyProxy.start(to: system.owner.port)
        var endpoint = system.owner
        endpoint.port = proxy.port
        let lock = PostgresSessionLock(endpoint, key: 1)
        try await lock.hold()
        let database = PostgresDatabase(system.owner, PostgresSettings(poolSize: 1))
        let before = try #require(try await holder(database))
        let silence = Task { try await proxy.goHalfOpen(for: .seconds(100)) }
        // Asked before the silence begins it is still held by the session of before.
        let after = try await waiting(for: "another session", within: .seconds(60)) { () -> Int64? in
            try await lock.hold()
            let now = try await holder(database)
            return now == before ? nil : now
        }
        #expect(after != before)
        silence.cancel()
        await lock.release()
        database.close()
        try await proxy.close()
        try await system.finish([])
    }
}
