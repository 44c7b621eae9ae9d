import Foundation
import PostgresAdapter
import ProcessDriver
import TestServers

/// Several `purchase serve` on one PostgreSQL database and one Redis of the test's own.
final class SplitSystem: Sendable {
    static var allowsTests: Bool { PostgresServer.requirement.allowsTests && RedisServer.requirement.allowsTests }
    static let explanation = "\(PostgresServer.requirement.explanation); \(RedisServer.requirement.explanation)"

    let workspace: Workspace
    let redis: RedisServer
    /// The database, as the role that owns it.
    let owner: PostgresEndpoint
    private let password: String

    init(_ name: String) async throws {
        workspace = try Workspace(name)
        owner = try await PostgresServer.shared().makeDatabase()
        password = UUID().uuidString
        redis = try await RedisServer.start(password: password)
    }

    /// What tells a process where the servers are.
    ///
    /// - Parameter login: the role and its password; the owner's if not given.
    func environment(as login: (role: String, password: String)? = nil) -> [String: String] {
        let login = login ?? (owner.user, owner.password ?? "")
        return [
            "DATABASE_TYPE": "postgres", "DATABASE_POOL_SIZE": "4", "EVENT_BUS": "redis", "METRICS_PORT": "0",
            "PAYMENT_SUCCESS_RATE": "1", "PAYMENT_UNKNOWN_RATE": "0", "PAYMENT_LATENCY": "0",
            "DATABASE_URL": "postgres://\(login.role):\(login.password)@127.0.0.1:\(owner.port)/\(owner.database)"
                + "?sslmode=disable",
            "REDIS_URL": "redis://:\(password)@127.0.0.1:\(redis.port)/0",
        ]
    }

    /// Starts a process and waits until it says that it is ready.
    ///
    /// - Throws: `ServerDidNotStart`; `WaitedInVain`.
    func start(_ services: String, _ environment: [String: String]) async throws -> Server {
        let program = try PurchaseProgram(
            ["serve", "--port", "0", "--env", "test", "--services", services], workspace.environment(environment),
            in: workspace)
        let greeting = try await waiting(for: "the greeting of \(services)", within: .seconds(60)) { () -> String? in
            if let ready = program.out.firstMatch(of: #/is ready: (.*)\n/#)?.output.1 { return String(ready) }
            if let exit = await program.exit { throw ServerDidNotStart(exit: exit, errors: program.errors) }
            return nil
        }
        return Server(program: program, url: greeting)
    }

    /// Runs psql as the owner.
    ///
    /// - Returns: what it printed; errors too.
    func psql(_ arguments: [String], environment: [String: String] = [:]) throws -> (status: Int32, output: String) {
        let client = Process()
        client.executableURL = URL(filePath: "/usr/bin/env")
        client.arguments =
            [
                "psql", "-X", "-h", "127.0.0.1", "-p", String(owner.port), "-U", owner.user, "-d", owner.database, "-v",
                "ON_ERROR_STOP=1",
            ] + arguments
        client.environment = ProcessInfo.processInfo.environment.merging(["PGPASSWORD": owner.password ?? ""]) { $1 }
            .merging(environment) { $1 }
        let output = Pipe()
        client.standardInput = FileHandle.nullDevice
        client.standardOutput = output
        client.standardError = output
        try client.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        client.waitUntilExit()
        return (client.terminationStatus, String(decoding: text, as: UTF8.self))
    }

    /// What a process shows to operators.
    static func metrics(of server: Server) async throws -> String {
        let operators = Storefront()
        operators.moved(to: server.metricsURL)
        let answer = try await operators.call("GET", "/metrics")
        return String(decoding: answer.body, as: UTF8.self)
    }

    func finish(_ servers: [Server]) async throws {
        for server in servers { _ = try await server.stop(within: .seconds(30)) }
        try await redis.stop()
        try await PostgresServer.shared().drop(owner)
        workspace.remove()
    }
}
