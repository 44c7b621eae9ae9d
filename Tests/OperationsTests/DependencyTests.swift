import Foundation
import ProcessDriver
import TestServers
import Testing

/// Real processes whose servers come late, or go.
@Suite(.serialized, .enabled(if: SplitSystem.allowsTests, "\(SplitSystem.explanation)"))
struct `Dependencies that come and go` {
    @Test(.timeLimit(.minutes(1))) func `a start without PostgreSQL waits, says so, and gives up in the end`()
        async throws
    {
        let workspace = try Workspace("patience")
        let ended = try await workspace.run(
            ["serve", "--port", "0", "--env", "test"],
            environment: [
                "DATABASE_TYPE": "postgres", "STARTUP_PATIENCE": "1",
                "DATABASE_URL": "postgres://nobody:hidden-word@127.0.0.1:\(try freePort())/none",
            ])
        #expect(ended.exit == .code(69))
        #expect(ended.errors.contains("the database is not there yet"), "\(ended.errors)")
        #expect(ended.errorLines.last?.contains("waited 1 s for it (STARTUP_PATIENCE)") == true, "\(ended.errors)")
        #expect(!ended.errors.contains("hidden-word"))
        workspace.remove()
    }

    @Test(.timeLimit(.minutes(1))) func `a start before the database exists goes on when it does`() async throws {
        let system = try await SplitSystem("late")
        try await PostgresServer.shared().drop(system.owner)
        let program = try PurchaseProgram(
            ["serve", "--port", "0", "--env", "test"], system.workspace.environment(system.environment()),
            in: system.workspace)
        try await until("a line about waiting") { program.errors.contains("the database is not there yet") }
        try await PostgresServer.shared().administer("CREATE DATABASE \(system.owner.database)")
        try await until("the greeting", within: .seconds(60)) { program.out.contains("is ready: ") }
        try await system.finish([Server(program: program, url: "")])
    }

    private struct Health: Decodable {
        let status: String
        let checks: [String: String]
        let reasons: [String: String]?
    }

    @Test(.timeLimit(.minutes(2))) func `readiness names what is away, and why`() async throws {
        let system = try await SplitSystem("ready")
        let proxy = try await FaultyProxy.start(to: system.owner.port)
        var environment = system.environment()
        environment["DATABASE_URL"] = environment["DATABASE_URL"]?.replacing(
            ":\(system.owner.port)/", with: ":\(proxy.port)/")
        let server = try await system.start("all", environment)
        let shop = Storefront()
        shop.moved(to: server.url)

        func health(_ what: String, where condition: (Int, Health) -> Bool) async throws -> Health {
            try await waiting(for: what) { () -> Health? in
                let answer = try await shop.call("GET", "/health/ready")
                let health = try answer.decoded(as: Health.self)
                return condition(answer.status, health) ? health : nil
            }
        }
        let first = try await health("readiness") { status, _ in status == 200 }
        #expect(first.checks == ["database": "ok", "redis": "ok"])
        #expect(first.reasons == nil)

        // A process without the API answers operators alone.
        let worker = try await system.start("users", environment)
        let operators = Storefront()
        operators.moved(to: worker.metricsURL)
        #expect(try await operators.call("GET", "/health/live").status == 200)
        let workers = try await operators.call("GET", "/health/ready")
        #expect(workers.status == 200)
        #expect(try workers.decoded(as: Health.self).checks == ["database": "ok", "redis": "ok"])

        try await system.redis.shutDown()
        let withoutIt = try await operators.call("GET", "/health/ready")
        #expect(withoutIt.status == 503)
        #expect(try withoutIt.decoded(as: Health.self).reasons == ["redis": "cannot be reached"])
        let withoutRedis = try await health("the loss of Redis") { status, _ in status == 503 }
        #expect(withoutRedis.checks == ["database": "ok", "redis": "unavailable"])
        #expect(withoutRedis.reasons == ["redis": "cannot be reached"])
        try await system.redis.restart()
        _ = try await health("Redis to be back") { status, _ in status == 200 }

        try await proxy.close()
        let withoutDatabase = try await health("the loss of PostgreSQL") { status, _ in status == 503 }
        #expect(withoutDatabase.checks["database"] == "unavailable")
        #expect(withoutDatabase.reasons?["database"] == "cannot be reached", "\(withoutDatabase)")
        #expect(try await shop.call("GET", "/health/live").status == 200, "and it goes on living")
        #expect(server.program.errors.contains("a dependency cannot be used"), "\(server.program.errors)")
        #expect(!server.program.errors.contains(system.owner.password ?? "-"))
        try await system.finish([server, worker])
    }
}
