import Foundation
import PostgresAdapter
import ProcessDriver
import SQLCore
import TestServers
import Testing

/// deploy/postgres/roles.sql on a real server, with a login of its own for each process.
@Suite(.serialized, .enabled(if: SplitSystem.allowsTests, "\(SplitSystem.explanation)"))
struct `Processes that log in with the rights of what they run` {
    private static let services = [
        "orders", "coupons", "users", "inventory", "items", "payments", "notifications", "audit",
    ]

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func prepare(_ system: SplitSystem) async throws {
        let migrated = try await system.workspace.run(["migrate", "--env", "test"], environment: system.environment())
        try #require(migrated.exit == .code(0), "\(migrated.errors)")
        // Twice: the second time changes nothing.
        for _ in 0..<2 {
            let made = try system.psql(["-q", "-f", Self.root.appending(path: "deploy/postgres/roles.sql").path])
            try #require(made.status == 0, "\(made.output)")
        }
    }

    /// Makes a login that is a member of a role; roles are the server's, so its name is the test's own.
    private func login(_ role: String, on system: SplitSystem) throws -> (role: String, password: String) {
        let name = "t_\(UUID().uuidString.lowercased().prefix(8))_\(role)"
        let password = UUID().uuidString
        let made = try system.psql([
            "-q", "-c", "CREATE ROLE \(name) LOGIN PASSWORD '\(password)' IN ROLE purchase_\(role)",
        ])
        try #require(made.status == 0, "\(made.output)")
        return (name, password)
    }

    @Test(.timeLimit(.minutes(3))) func `bring orders to their end, each service on its own rights`() async throws {
        let system = try await SplitSystem("roles")
        try await prepare(system)
        var servers: [Server] = []
        for service in Self.services {
            servers.append(
                try await system.start(service, system.environment(as: login(service, on: system))))
        }
        let api = try await system.start("api", system.environment(as: login("api", on: system)))
        servers.append(api)
        let shop = Storefront()
        shop.moved(to: api.url)
        let data = try await shop.setUpTestData()
        for number in 0..<5 {
            // More than there is of it is failed by Items, and undone by everybody.
            let quantity = number == 4 ? 600_000 : 1
            let body = #"{"userId":"\#(data.user.id)","itemId":"\#(data.items[0].id)","quantity":\#(quantity)}"#
            let answer = try await shop.call(
                "POST", "/orders", token: data.tokens.user, headers: [("Prefer", "wait=10")], body: body)
            let order = try answer.decoded(as: Seen.Order.self)
            #expect(order.status == (number == 4 ? "FAILED" : "COMPLETED"), "\(number)")
        }
        // What is tried and forgotten is handled with the API's rights, what is replayed with the consumer's.
        let letters = [try await system.parkIdleEvent(), try await system.parkIdleEvent()]
        #expect(try await shop.replay(letters[0], token: data.tokens.admin) == ["ignored"])
        let discarded = try await shop.call(
            "POST", "/admin/dead-letters/\(letters[1])/discard", token: data.tokens.admin, body: #"{"reason":"why"}"#)
        #expect(discarded.status == 202, "\(String(decoding: discarded.body, as: UTF8.self))")
        let reader = try login("reader", on: system)
        // The API's role only looks at the audit trail.
        let why = #"{"reason":"why","action":"order.created"}"#
        for (path, body, status) in [
            ("/admin/audit/holds", why, 409), ("/admin/audit/cleanup?dryRun=true", #"{"reason":"why"}"#, 200),
        ] {
            let answer = try await shop.call("POST", path, token: data.tokens.admin, body: body)
            #expect(answer.status == status, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
        }
        _ = try await waiting(for: "an empty outbox", within: .seconds(60)) { () -> Bool? in
            let verified = try await system.workspace.run(
                ["verify", "--json", "--wait", "1", "--env", "test"], environment: system.environment(as: reader))
            let report = try JSONDecoder().decode(Seen.Verification.self, from: Data(verified.out.utf8))
            #expect(report.violations.isEmpty, "\(verified.out)")
            return report.isAtRest && report.queues.outbox == 0 ? true : nil
        }
        for server in servers {
            #expect(!server.program.errors.contains("42501"), "\(server.program.errors)")
            #expect(!server.program.errors.contains("permission denied"), "\(server.program.errors)")
            let metrics = try await SplitSystem.metrics(of: server)
            for series in [
                #"purchase_gauges_readable{source="database"} 1"#, #"purchase_gauges_readable{source="bus"} 1"#,
                #"saga_consumer_lag_events{consumer="payments"} 0"#, "purchase_database_connections_limit 4",
            ] {
                #expect(metrics.contains("\n\(series)\n"), "\(series) in \(metrics)")
            }
        }
        try await system.finish(servers)
    }

    @Test(.timeLimit(.minutes(2))) func `as deploy has them bring an order to its end, their passwords from files`()
        async throws
    {
        let system = try await SplitSystem("logins")
        try await prepare(system)
        let secrets = ["api": "api", "trade": "orders,coupons,users", "goods": "inventory,items"]
            .merging(["money": "payments,notifications"]) { $1 }
        var passwords: [String: String] = [:]
        for name in secrets.keys {
            passwords[name] = UUID().uuidString
            try (passwords[name] ?? "").write(
                toFile: system.workspace.path("database_\(name)"), atomically: true, encoding: .utf8)
        }
        let logins = Self.root.appending(path: "deploy/postgres/logins.sql").path
        let made = try system.psql(
            ["-q", "-f", logins], environment: ["SECRETS_FOLDER": system.workspace.folder.path])
        try #require(made.status == 0, "\(made.output)")
        var servers: [Server] = []
        let shop = Storefront()
        for (name, services) in secrets {
            let login = ("login_\(name)", passwords[name] ?? "")
            let server = try await system.start(services, system.environment(as: login))
            servers.append(server)
            if name == "api" { shop.moved(to: server.url) }
        }
        let data = try await shop.setUpTestData()
        let answer = try await shop.call(
            "POST", "/orders", token: data.tokens.user, headers: [("Prefer", "wait=10")],
            body: #"{"userId":"\#(data.user.id)","itemId":"\#(data.items[0].id)","quantity":1}"#)
        #expect(try answer.decoded(as: Seen.Order.self).status == "COMPLETED")
        try await system.finish(servers)
    }

    @Test(.timeLimit(.minutes(1))) func `see nothing of other services and change no schema`() async throws {
        let system = try await SplitSystem("rights")
        try await prepare(system)
        func tries(_ sql: String, as role: String) async throws -> (any Error)? {
            let login = try login(role, on: system)
            var endpoint = system.owner
            (endpoint.user, endpoint.password) = (login.role, login.password)
            let database = PostgresDatabase(endpoint, PostgresSettings(poolSize: 1))
            defer { database.close() }
            do {
                try await database.write { try $0.script(sql) }
                return nil
            } catch { return error }
        }
        let own = try await tries("SELECT 1 FROM orders.orders_orders; SELECT 1 FROM saga.saga_outbox", as: "orders")
        #expect(own == nil)
        // What the monitoring API looks at.
        let watching = try await tries(
            "SELECT 1 FROM saga.saga_audit; SELECT 1 FROM audit.audit_entries; SELECT 1 FROM audit.audit_tallies",
            as: "api")
        #expect(watching == nil)
        for (sql, role) in [
            ("SELECT 1 FROM users.users_users", "orders"), ("SELECT 1 FROM payments.payments_saga", "orders"),
            ("SELECT 1 FROM orders.orders_orders", "payments"), ("SELECT 1 FROM saga.saga_audit", "payments"),
            ("DELETE FROM saga.saga_audit", "api"), ("DELETE FROM audit.audit_entries", "api"),
            ("UPDATE audit.audit_head SET sequence = 0", "api"), ("SELECT 1 FROM audit.audit_entries", "orders"),
            ("CREATE TABLE public.t (n INT)", "orders"),
            ("CREATE TABLE orders.t (n INT)", "orders"), ("TRUNCATE orders.orders_orders", "orders"),
            ("DELETE FROM public.schema_migrations", "orders"), ("SELECT name FROM users.users_users", "coupons"),
            ("UPDATE items.items_items SET name = ''", "reader"),
        ] {
            let error = try await tries(sql, as: role)
            #expect((error as? SQLError)?.isForbidden == true, "\(role): \(sql): \(String(describing: error))")
        }
        let issuing = try await tries("SELECT id, is_active, created_at FROM users.users_users", as: "coupons")
        #expect(issuing == nil)
        try await system.finish([])
    }

    @Test(.timeLimit(.minutes(1))) func `are told who has to migrate when something is missing`() async throws {
        let system = try await SplitSystem("unmigrated")
        try await prepare(system)
        let forgotten = try system.psql([
            "-q", "-c", "DELETE FROM public.schema_migrations WHERE id = 'notifications/0001_messages'",
        ])
        try #require(forgotten.status == 0, "\(forgotten.output)")
        let orders = try login("orders", on: system)
        let ended = try await system.workspace.run(
            ["serve", "--port", "0", "--env", "test", "--services", "orders"],
            environment: system.environment(as: orders))
        #expect(ended.exit == .code(69))
        #expect(ended.errors.contains("purchase migrate"), "\(ended.errors)")
        #expect(!ended.errors.contains(orders.password))
        try await system.finish([])
    }
}
