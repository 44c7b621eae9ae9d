import PostgresAdapter
import RedisStreamsAdapter
import SagaChoreography
import Testing

@testable import PurchaseApp

@Suite struct EngineConfigurationTests {
    private static let secret = "k8sQ2zV7-configuration-Hn4xLw9TfB3mYp6R"

    private func load(_ environment: [String: String]) async throws -> PurchaseConfiguration {
        try await PurchaseConfiguration.load(
            environment: environment.merging(["JWT_SECRET": Self.secret]) { $1 }, directory: "/nowhere")
    }

    private func problems(_ environment: [String: String]) async throws -> [String: String] {
        do {
            _ = try await load(environment)
            return [:]
        } catch let problems as ConfigurationProblems {
            return Dictionary(problems.problems.map { ($0.key, $0.what) }, uniquingKeysWith: { "\($0); \($1)" })
        }
    }

    @Test func `PostgreSQL is named by a URL or by its parts`() async throws {
        let whole = try await load([
            "DATABASE_TYPE": "postgres", "DATABASE_URL": "postgres://shop:secretword@db:6432/orders?sslmode=require",
        ])
        let parts = try await load([
            "DATABASE_TYPE": "postgres", "DATABASE_HOST": "db", "DATABASE_PORT": "6432", "DATABASE_USERNAME": "shop",
            "DATABASE_PASSWORD": "secretword", "DATABASE_NAME": "orders", "DATABASE_SSL": "require",
        ])
        for configuration in [whole, parts] {
            guard case .postgres(let endpoint, let poolSize) = configuration.database else {
                Issue.record("not PostgreSQL")
                continue
            }
            #expect(endpoint.password == "secretword")
            #expect("\(endpoint)" == "shop@db:6432/orders")
            #expect(endpoint.encryption == .require)
            #expect(poolSize == 10)
            #expect(!configuration.report.contains { $0.value.contains("secretword") })
        }
    }

    @Test func `Redis is named by a URL or by its parts`() async throws {
        let whole = try await load(["EVENT_BUS": "redis", "REDIS_URL": "redis://:secretword@cache:6380/2"])
        let parts = try await load([
            "EVENT_BUS": "redis", "REDIS_HOST": "cache", "REDIS_PORT": "6380", "REDIS_PASSWORD": "secretword",
            "REDIS_DB": "2",
        ])
        for configuration in [whole, parts] {
            guard case .redis(let endpoint, let partitions, let prefix) = configuration.bus else {
                Issue.record("not Redis")
                continue
            }
            #expect(endpoint == RedisEndpoint(host: "cache", port: 6380, password: "secretword", database: 2))
            #expect(partitions == 1)
            #expect(prefix == "purchase")
            #expect(!configuration.report.contains { $0.value.contains("secretword") })
        }
    }

    @Test(arguments: [
        ("DATABASE_URL", "mysql://a:secretword@b/c"), ("DATABASE_POOL_SIZE", "1"), ("DATABASE_SSL", "maybe"),
        ("DATABASE_PORT", "0"), ("REDIS_URL", "rediss://a:secretword@b"), ("REDIS_TLS", "true"), ("REDIS_TLS", "yes"),
        ("REDIS_PORT", "70000"), ("REDIS_DB", "-1"), ("EVENT_PARTITIONS", "0"), ("REDIS_PREFIX", "a:b"),
        ("SERVICES", "api,orders,api"), ("SERVICES", "shipping"),
    ])
    func `what an engine does not take is refused by its key, without a secret`(key: String, value: String) async throws
    {
        let found = try await problems(["DATABASE_TYPE": "postgres", "EVENT_BUS": "redis", key: value])
        #expect(Array(found.keys) == [key], "\(found)")
        #expect(found[key]?.contains("secretword") == false)
    }

    @Test func `a service may have a database of its own, which others may share with it`() async throws {
        let configuration = try await load([
            "DATABASE_TYPE": "postgres", "EVENT_BUS": "redis", "DATABASE_URL": "postgres://a:secretword@b/rest",
            "DATABASE_URL_ORDERS": "postgres://c:secretword@b/orders",
            "DATABASE_URL_USERS": "postgres://d:secretword@b/orders",
            // Where it would be anyway.
            "DATABASE_URL_ITEMS": "postgres://e:secretword@b/rest",
        ])
        guard case .postgres(let main, _) = configuration.database else {
            Issue.record("not PostgreSQL")
            return
        }
        let places = configuration.places(main)
        #expect(places.map(\.endpoint.database) == ["rest", "orders"])
        #expect(
            places.map(\.services) == [
                ["coupons", "inventory", "items", "payments", "notifications", "audit"], ["orders", "users"],
            ])
        #expect(!configuration.report.contains { $0.value.contains("secretword") })
    }

    @Test func `a database of its own needs a server and a bus that reach it`() async throws {
        let key = "DATABASE_URL_ORDERS"
        #expect(try await Array(problems([key: "postgres://a@b/c"]).keys) == [key])
        let embedded = try await problems(["DATABASE_TYPE": "postgres", key: "postgres://a@b/c"])
        #expect(embedded[key]?.contains("EVENT_BUS=redis") == true, "\(embedded)")
        let wrong = try await problems([
            "DATABASE_TYPE": "postgres", "EVENT_BUS": "redis", key: "mysql://a:secretword@b/c",
        ])
        #expect(Array(wrong.keys) == [key] && wrong[key]?.contains("secretword") == false, "\(wrong)")
        let open = try await problems([
            "APP_ENV": "production", "PAYMENT_GATEWAY": "simulated", "DATABASE_TYPE": "postgres", "EVENT_BUS": "redis",
            "DATABASE_PASSWORD": "p", "REDIS_PASSWORD": "p", key: "postgres://a@b/c",
        ])
        #expect(Array(open.keys) == [key], "\(open)")
    }

    @Test func `a process reaches the services that it works for, and those it asks`() async throws {
        func reached(_ services: String, _ more: [String: String] = [:]) async throws -> Set<ServiceID> {
            try await load(
                ["DATABASE_TYPE": "postgres", "EVENT_BUS": "redis", "SERVICES": services].merging(more) { $1 }
            ).reached
        }
        #expect(try await reached("orders,items") == ["orders", "items"])
        #expect(try await reached("coupons") == ["coupons", "users"])
        #expect(try await reached("notifications") == ["notifications"])
        #expect(try await reached("api").count == 8)
        #expect(try await reached("audit").count == 8)
        #expect(try await reached("audit", ["AUDIT_ENABLED": "false"]) == ["audit"])
    }

    @Test func `what a URL says already is not said twice`() async throws {
        let found = try await problems([
            "DATABASE_TYPE": "postgres", "DATABASE_URL": "postgres://a@b/c", "DATABASE_HOST": "d", "EVENT_BUS": "redis",
            "REDIS_URL": "redis://b", "REDIS_PASSWORD": "e",
        ])
        #expect(Set(found.keys) == ["DATABASE_HOST", "REDIS_PASSWORD"], "\(found)")
    }

    @Test func `production asks for the passwords of both`() async throws {
        let found = try await problems([
            "APP_ENV": "production", "PAYMENT_GATEWAY": "simulated", "DATABASE_TYPE": "postgres", "EVENT_BUS": "redis",
        ])
        #expect(Set(found.keys) == ["DATABASE_PASSWORD", "REDIS_PASSWORD"], "\(found)")
    }

    @Test func `some of the services alone need engines that reach the others`() async throws {
        #expect(try await problems(["SERVICES": "orders"])["SERVICES"] != nil)
        #expect(try await problems(["SERVICES": "orders", "DATABASE_TYPE": "postgres"])["SERVICES"] != nil)
        let configuration = try await load([
            "SERVICES": "orders, api", "DATABASE_TYPE": "postgres", "EVENT_BUS": "redis",
        ])
        #expect(configuration.services.name == "api, orders")
        #expect(!configuration.services.isComplete)
    }
}
