import Foundation
import PostgresAdapter
import ProcessDriver
import TestServers
import Testing

/// Six worker processes and two API processes on PostgreSQL and Redis, which they reach through proxies.
struct Cluster: Sendable {
    let workspace: Workspace
    let shop = Storefront()
    let postgres: PostgresServer
    let redis: RedisServer
    let postgresProxy: FaultyProxy
    let redisProxy: FaultyProxy
    let nodes: [ClusterNode]
    /// What tells a process where the servers are, without the proxies between.
    let direct: [String: String]
    /// The database, without a proxy between.
    let endpoint: PostgresEndpoint

    var workers: [ClusterNode] { nodes.filter { !$0.isAPI } }

    static var allowsTests: Bool { PostgresServer.requirement.allowsTests && RedisServer.requirement.allowsTests }
    static let explanation = "\(PostgresServer.requirement.explanation); \(RedisServer.requirement.explanation)"

    /// Who does what: each service somewhere, two of them twice.
    private static let roles = [
        ("orders", "orders"), ("orders-coupons", "orders,coupons"), ("payments", "payments"),
        ("payments-users", "payments,users"), ("inventory-items", "inventory,items"),
        ("notifications", "notifications,audit"),
        ("api-1", "api"), ("api-2", "api"),
    ]

    /// Starts the servers and every process.
    static func start(_ name: String, environment: [String: String] = [:]) async throws -> Cluster {
        let cluster = try await Cluster(name, environment)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in cluster.nodes { group.addTask { try await node.start() } }
            try await group.waitForAll()
        }
        await cluster.tellClients()
        return cluster
    }

    private init(_ name: String, _ environment: [String: String]) async throws {
        let workspace = try Workspace(name)
        self.workspace = workspace
        postgres = try await PostgresServer.start()
        let password = UUID().uuidString
        redis = try await RedisServer.start(password: password)
        let endpoint = try await postgres.makeDatabase()
        self.endpoint = endpoint
        postgresProxy = try await FaultyProxy.start(to: endpoint.port)
        redisProxy = try await FaultyProxy.start(to: redis.port)
        let common = [
            "DATABASE_TYPE": "postgres", "DATABASE_POOL_SIZE": "6", "EVENT_BUS": "redis",
            "PAYMENT_UNKNOWN_RATE": "0.2", "LOG_LEVEL": "notice",
        ].merging(environment) { $1 }
        func places(_ postgres: Int, _ redis: Int) -> [String: String] {
            common.merging([
                "DATABASE_URL": Self.url(endpoint, port: postgres),
                "REDIS_URL": "redis://:\(password)@127.0.0.1:\(redis)/0",
            ]) { $1 }
        }
        direct = places(endpoint.port, redis.port)
        let proxied = places(postgresProxy.port, redisProxy.port)
        nodes = Self.roles.map { ClusterNode($0.0, services: $0.1, in: workspace, proxied) }
    }

    private static func url(_ endpoint: PostgresEndpoint, port: Int) -> String {
        "postgres://\(endpoint.user):\(endpoint.password ?? "")@127.0.0.1:\(port)/\(endpoint.database)?sslmode=disable"
    }

    /// Clients ask those API processes that are up.
    func tellClients() async {
        var urls: [String] = []
        for node in nodes { if let url = await node.url { urls.append(url) } }
        shop.moved(to: urls)
    }

    /// Kills a process; clients learn of it only by asking in vain.
    func kill(_ node: ClusterNode) async throws {
        try await node.kill()
        await tellClients()
    }

    /// Ends a process in an orderly way, beside clients that ask it until then.
    func stop(_ node: ClusterNode) async throws -> Exit {
        let exit = try await node.stop()
        await tellClients()
        return exit
    }

    func start(_ node: ClusterNode) async throws {
        try await node.start()
        await tellClients()
    }

    /// How long after the last fault the orders had ended, and everything that follows from them, such as notifications.
    struct Rest: Sendable {
        var orders: Duration?
        var everything: Duration?
        /// What `purchase verify` said last.
        var last = ""
        /// The orders that ended last, and what they waited for.
        var latest = ""
    }

    private struct InFlight: Decodable {
        struct Order: Decodable {
            let order: String
            let status: String
            let waitsFor: [String]
        }

        let inFlight: [Order]
    }

    /// Looks with `purchase verify` until everything is at rest.
    func waitForRest(since begin: ContinuousClock.Instant, within limit: Duration) async throws -> Rest {
        var rest = Rest()
        while rest.everything == nil, ContinuousClock.now - begin < limit {
            let ended = try await workspace.run(
                ["verify", "--json", "--wait", "1", "--env", "test"], environment: direct, within: .seconds(60))
            rest.last = ended.out + ended.errors
            let report = try JSONDecoder().decode(Seen.Verification.self, from: Data(ended.out.utf8))
            let orders = try JSONDecoder().decode(InFlight.self, from: Data(ended.out.utf8)).inFlight
            if !orders.isEmpty {
                rest.latest = orders.prefix(3).map { "\($0.order) \($0.status) \($0.waitsFor)" }.joined(separator: ", ")
            }
            if report.inFlightCount == 0, rest.orders == nil { rest.orders = ContinuousClock.now - begin }
            if report.isAtRest { rest.everything = ContinuousClock.now - begin }
        }
        return rest
    }

    /// Ends everything in an orderly way. What the processes wrote is removed if nothing is wrong, else named and kept.
    func finish(_ findings: [String], saying what: String) async throws {
        var findings = findings
        for node in nodes {
            if let end = await node.unexpectedEnd { findings.append(end) }
            let exit = try await node.stop()
            if exit != .code(0) { findings.append("\(node.name) ended with \(exit) on SIGTERM") }
        }
        try await postgresProxy.close()
        try await redisProxy.close()
        try await redis.stop()
        print(what)
        let report = findings.prefix(20).joined(separator: "\n")
        #expect(findings.isEmpty, "\(what)\nkept in \(workspace.folder.path)\n\(report)")
        if findings.isEmpty { workspace.remove() }
    }
}
