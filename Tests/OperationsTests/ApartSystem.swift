import Foundation
import PostgresAdapter
import ProcessDriver
import PurchaseApp
import SQLCore
import TestServers

/// A PostgreSQL database for each service, on one server of the tests, and one Redis.
final class ApartSystem: Sendable {
    static let services = ["orders", "coupons", "users", "inventory", "items", "payments", "notifications", "audit"]

    let workspace: Workspace
    let redis: RedisServer
    let databases: [String: PostgresEndpoint]
    private let password = UUID().uuidString

    init(_ name: String) async throws {
        workspace = try Workspace(name)
        let server = try await PostgresServer.shared()
        var databases: [String: PostgresEndpoint] = [:]
        for service in Self.services { databases[service] = try await server.makeDatabase() }
        self.databases = databases
        redis = try await RedisServer.start(password: password)
    }

    private func url(_ service: String) -> String {
        guard let endpoint = databases[service] else { preconditionFailure("there is no service \(service)") }
        return "postgres://\(endpoint.user):\(endpoint.password ?? "")@127.0.0.1:\(endpoint.port)/\(endpoint.database)"
            + "?sslmode=disable"
    }

    /// What a process is told that has one service's database for its own, and is told where some others are.
    func environment(of own: String, knowing others: [String] = []) -> [String: String] {
        var environment = [
            "DATABASE_TYPE": "postgres", "DATABASE_POOL_SIZE": "3", "EVENT_BUS": "redis", "METRICS_PORT": "0",
            "PAYMENT_SUCCESS_RATE": "1", "PAYMENT_UNKNOWN_RATE": "0", "PAYMENT_LATENCY": "0",
            "AUDIT_BATCH_INTERVAL_MS": "200", "DATABASE_URL": url(own),
            "REDIS_URL": "redis://:\(password)@127.0.0.1:\(redis.port)/0",
        ]
        for other in others where other != own { environment["DATABASE_URL_\(other.uppercased())"] = url(other) }
        return environment
    }

    /// Of whoever works with everything: the API, the audit trail, `verify`.
    var whole: [String: String] { environment(of: "orders", knowing: Self.services) }

    /// What a process needs that runs one service.
    func needed(by service: String) -> [String: String] {
        switch service {
        case "api": whole
        case "audit": environment(of: "audit", knowing: Self.services)
        case "coupons": environment(of: "coupons", knowing: ["users"])
        default: environment(of: service)
        }
    }

    /// Starts a process and waits until it says that it is ready.
    func start(_ service: String, _ more: [String: String] = [:]) async throws -> Server {
        let program = try PurchaseProgram(
            ["serve", "--port", "0", "--env", "test", "--services", service],
            workspace.environment(needed(by: service).merging(more) { $1 }), in: workspace)
        let greeting = try await waiting(for: "the greeting of \(service)", within: .seconds(60)) { () -> String? in
            if let ready = program.out.firstMatch(of: #/is ready: (.*)\n/#)?.output.1 { return String(ready) }
            if let exit = await program.exit { throw ServerDidNotStart(exit: exit, errors: program.errors) }
            return nil
        }
        return Server(program: program, url: greeting)
    }

    /// Counts rows in a service's database.
    func count(_ table: String, of service: String) async throws -> Int {
        guard let endpoint = databases[service] else { preconditionFailure("there is no service \(service)") }
        let database = PostgresDatabase(endpoint, PostgresSettings(poolSize: 1, searchPath: PurchaseSystem.schemas))
        defer { database.close() }
        return try await database.read { transaction in
            try transaction.first("SELECT COUNT(*) AS n FROM \(table: table)")?.int("n") ?? 0
        }
    }

    func finish(_ servers: some Sequence<Server>) async throws {
        for server in servers { _ = try await server.stop(within: .seconds(30)) }
        try await redis.stop()
        for endpoint in databases.values { try await PostgresServer.shared().drop(endpoint) }
        workspace.remove()
    }
}
