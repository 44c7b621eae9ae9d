import Foundation
import PostgresAdapter
import ProcessDriver
import SQLCore
import SagaChoreography
import SagaSQL
import TestServers
import Testing

/// A process and a PostgreSQL database for each service.
@Suite(.serialized, .enabled(if: SplitSystem.allowsTests, "\(SplitSystem.explanation)"))
struct `Services with a database each` {
    private struct Journey: Decodable {
        struct Verdict: Decodable { let code: String }

        let verdict: Verdict
    }

    private struct Undone: Decodable { let outcome: String? }

    private struct Coupon: Decodable { let id: String }

    private struct Job: Decodable {
        struct Links: Decodable { let `self`: String }

        let state: String
        let issued: Int
        let links: Links
    }

    /// What a client does.
    private struct Client {
        let shop: Storefront
        let data: Seen.TestData.Content

        func order(_ quantity: Int = 1, _ more: String = "", headers: [(String, String)] = []) async throws
            -> Seen.Order
        {
            let body = """
                {"userId":"\(data.user.id)","items":[{"itemId":"\(data.items[0].id)","quantity":\(quantity)}]\(more)}
                """
            let answer = try await shop.call(
                "POST", "/orders", token: data.tokens.user, headers: headers, body: body)
            guard answer.status < 300 else {
                throw UnexpectedAnswer(
                    path: "POST /orders", status: answer.status, body: String(decoding: answer.body, as: UTF8.self))
            }
            return try answer.decoded()
        }

        func status(_ id: String) async throws -> String {
            try await shop.get("/orders/\(id)", token: data.tokens.user, as: Seen.Order.self).status
        }

        func outcome(_ id: String) async throws -> String? {
            try await shop.get("/orders/\(id)", token: data.tokens.user, as: Undone.self).outcome
        }

        func verdict(_ id: String) async throws -> String {
            try await shop.get("/orders/\(id)/journey", token: data.tokens.admin, as: Journey.self).verdict.code
        }

        /// Waits until every service knows that an order is over.
        func settled(_ id: String) async throws -> String {
            _ = try await waiting(for: "order \(id) to be settled", within: .seconds(90)) { () -> Bool? in
                try await verdict(id) == "settled" ? true : nil
            }
            return try await status(id)
        }
    }

    private func verified(_ system: ApartSystem) async throws -> Seen.Verification {
        let ended = try await system.workspace.run(
            ["verify", "--json", "--wait", "60", "--env", "test"], environment: system.whole, within: .seconds(120))
        try #require(ended.exit == .code(0), "\(ended.out) \(ended.errors)")
        return try JSONDecoder().decode(Seen.Verification.self, from: Data(ended.out.utf8))
    }

    @Test(.timeLimit(.minutes(6))) func `bring every order to its end, whatever becomes of it`() async throws {
        let system = try await ApartSystem("apart")
        let migrated = try await system.workspace.run(["migrate", "--env", "test"], environment: system.whole)
        try #require(migrated.exit == .code(0), "\(migrated.errors)")
        var servers: [String: Server] = [:]
        for service in ApartSystem.services + ["api"] { servers[service] = try await system.start(service) }
        let shop = Storefront()
        shop.moved(to: try #require(servers["api"]).url)
        let client = Client(shop: shop, data: try await shop.setUpTestData())
        let (wait, admin) = ([("Prefer", "wait=10")], client.data.tokens.admin)

        // Completed, given back, and failed by Items, so that everybody undoes what was done.
        let first = try await client.order(headers: wait)
        #expect(try await client.settled(first.id) == "COMPLETED")
        let scarce = try await client.order(600_000, headers: wait)
        #expect(try await client.settled(scarce.id) == "FAILED")
        let refund = try await shop.call(
            "POST", "/orders/\(first.id)/refund", token: admin, body: #"{"reason":"broken"}"#)
        #expect(refund.status == 202, "\(String(decoding: refund.body, as: UTF8.self))")
        _ = try await waiting(for: "the refund", within: .seconds(60)) { () -> Bool? in
            try await client.status(first.id) == "REFUNDED" ? true : nil
        }

        // Items dies without a word. One order is cancelled meanwhile, one waits, and Redis forgets everything.
        try await servers["items"]?.kill()
        let cancelled = try await client.order()
        let waits = try await client.order()
        // A third has little time, and is undone by its deadline.
        let hasty = try await system.start("api", ["SAGA_TIMEOUT": "2000"])
        shop.moved(to: hasty.url)
        let late = try await client.order()
        shop.moved(to: try #require(servers["api"]).url)
        _ = try await hasty.stop(within: .seconds(30))
        _ = try await waiting(for: "the deadline", within: .seconds(60)) { () -> Bool? in
            // Undone, as far as those say who are there.
            try await client.outcome(late.id) == "failed" ? true : nil
        }
        let asked = try await shop.call("POST", "/orders/\(cancelled.id)/cancel", token: client.data.tokens.user)
        #expect([200, 202].contains(asked.status), "\(String(decoding: asked.body, as: UTF8.self))")
        #expect(try await ["PENDING", "PROCESSING"].contains(client.status(waits.id)))
        _ = try system.redis.call("FLUSHALL")
        servers["items"] = try await system.start("items")
        #expect(try await client.settled(cancelled.id) == "CANCELLED")
        #expect(try await client.settled(waits.id) == "COMPLETED")
        #expect(try await client.settled(late.id) == "FAILED")

        // Each database has its own service's rows and nobody else's.
        #expect(try await system.count("orders_orders", of: "orders") == 5)
        #expect(try await system.count("orders_orders", of: "payments") == 0)
        #expect(try await system.count("users_saga", of: "users") == 5)
        #expect(try await system.count("users_saga", of: "orders") == 0)
        // What the admin's deeds left beside their rows came to the trail.
        _ = try await waiting(for: "changes to be recorded", within: .seconds(60)) { () -> Bool? in
            for service in ApartSystem.services where try await system.count("saga_audit", of: service) > 0 {
                return nil
            }
            return true
        }
        let report = try await verified(system)
        #expect(report.isAtRest && report.settledOrders == 5, "\(report)")
        for (name, server) in servers {
            #expect(!server.program.errors.contains("does not exist"), "\(name): \(server.program.errors)")
        }
        try await system.finish(servers.values)
    }

    @Test(.timeLimit(.minutes(6))) func `answer every question of the API`() async throws {
        let system = try await ApartSystem("asked")
        let migrated = try await system.workspace.run(["migrate", "--env", "test"], environment: system.whole)
        try #require(migrated.exit == .code(0), "\(migrated.errors)")
        var servers: [Server] = []
        for service in ApartSystem.services + ["api"] { servers.append(try await system.start(service)) }
        let shop = Storefront()
        shop.moved(to: try #require(servers.last).url)
        let client = Client(shop: shop, data: try await shop.setUpTestData())
        let (user, admin) = (client.data.user.id, client.data.tokens.admin)

        // A coupon for everybody goes through the list of users, which is elsewhere.
        let made = try await shop.call(
            "POST", "/admin/coupons", token: admin,
            body: #"{"code":"APART","discountType":"PERCENTAGE","discountValue":10,"totalQuantity":10}"#)
        #expect(made.status == 201, "\(String(decoding: made.body, as: UTF8.self))")
        let coupon = try made.decoded(as: Coupon.self).id
        let issued = try await shop.call(
            "POST", "/admin/coupons/\(coupon)/issue", token: admin, body: #"{"everyone":true}"#)
        #expect(issued.status == 202, "\(String(decoding: issued.body, as: UTF8.self))")
        let job = try issued.decoded(as: Job.self).links.`self`
        let done = try await waiting(for: "the coupons to be issued", within: .seconds(60)) { () -> Job? in
            let seen = try await shop.get(job, token: admin, as: Job.self)
            return seen.state == "COMPLETED" ? seen : nil
        }
        #expect(done.issued > 0)
        let order = try await client.order(1, headers: [("Prefer", "wait=10")])
        #expect(try await client.settled(order.id) == "COMPLETED")
        for path in [
            "/user/\(user)/inventory", "/user/\(user)/orders", "/user/\(user)/balance", "/user/\(user)/transactions",
            "/payments/\(order.id)", "/orders/\(order.id)/journey", "/orders/\(order.id)/notifications", "/items",
            "/items/reservations", "/items/reservations/stats", "/items/reservations/order/\(order.id)",
            "/coupons/my-coupons", "/coupons/history", "/admin/coupons", "/admin/coupons/statistics", "/admin/users",
            "/admin/sagas", "/admin/sagas?status=stuck", "/admin/services", "/admin/search?q=\(order.id)",
            "/admin/search?q=a", "/admin/dead-letters", "/admin/dead-letters/groups", "/admin/notifications",
            "/admin/audit?limit=5", "/admin/audit/verify", "/api/audit/monitoring/status",
            "/api/audit/monitoring/queue-status", "/api/audit/monitoring/metrics",
        ] {
            let answer = try await shop.call("GET", path, token: admin)
            #expect(answer.status == 200, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
        }
        let inventory: Seen.Inventory = try await shop.get("/user/\(user)/inventory", token: client.data.tokens.user)
        #expect(inventory.inventory.map(\.quantity) == [1])

        // A dead letter lies in its consumer's database.
        let letter = try await parkIdleEvent(in: try #require(system.databases["notifications"]))
        #expect(try await shop.replay(letter, token: admin) == ["ignored"])
        let resync = try await shop.call(
            "POST", "/admin/orders/\(order.id)/resync", token: admin, body: #"{"reason":"to see"}"#)
        #expect(resync.status == 202, "\(String(decoding: resync.body, as: UTF8.self))")
        let explained = try await system.workspace.run(["explain", order.id], environment: system.whole)
        #expect(
            explained.exit == .code(0) && explained.out.contains("COMPLETED"), "\(explained.out)\(explained.errors)")
        _ = try await verified(system)
        for server in servers {
            #expect(!server.program.errors.contains("does not exist"), "\(server.program.errors)")
        }
        try await system.finish(servers)
    }

    @Test(.timeLimit(.minutes(3))) func `say what they lack instead of finding nothing`() async throws {
        let system = try await ApartSystem("lacking")
        let migrated = try await system.workspace.run(["migrate", "--env", "test"], environment: system.whole)
        try #require(migrated.exit == .code(0), "\(migrated.errors)")
        #expect(migrated.out.contains("applied saga/0006_homes"))
        func refusal(_ arguments: [String], _ environment: [String: String]) async throws -> String {
            let ended = try await system.workspace.run(arguments + ["--env", "test"], environment: environment)
            #expect(ended.exit == .code(69), "\(arguments): \(ended.out)")
            return ended.errors
        }
        let api = try await refusal(["serve", "--port", "0", "--services", "api"], system.environment(of: "orders"))
        #expect(api.contains("is the database of orders alone") && api.contains("DATABASE_URL_USERS"), "\(api)")
        let coupons = try await refusal(["serve", "--services", "coupons"], system.environment(of: "coupons"))
        #expect(coupons.contains("DATABASE_URL_USERS") && !coupons.contains("DATABASE_URL_ITEMS"), "\(coupons)")
        let audit = try await refusal(["serve", "--services", "audit"], system.environment(of: "audit"))
        #expect(audit.contains("DATABASE_URL_ORDERS"), "\(audit)")
        let wrong = try await refusal(["serve", "--services", "users"], system.environment(of: "items"))
        #expect(wrong.contains("is the database of items alone"), "\(wrong)")
        let verify = try await refusal(["verify"], system.environment(of: "users"))
        #expect(verify.contains("is the database of users alone"), "\(verify)")
        // Two services' places exchanged.
        var exchanged = system.whole
        (exchanged["DATABASE_URL_ITEMS"], exchanged["DATABASE_URL_USERS"]) = (
            exchanged["DATABASE_URL_USERS"], exchanged["DATABASE_URL_ITEMS"]
        )
        let swapped = try await refusal(["migrate"], exchanged)
        #expect(swapped.contains("is the database of"), "\(swapped)")
        // What is not looked for is not found either: the names are not there.
        let database = PostgresDatabase(
            try #require(system.databases["items"]),
            PostgresSettings(poolSize: 1, searchPath: ["public", "saga", "items"]))
        await #expect(throws: SQLError.self) {
            _ = try await database.read { try $0.rows("SELECT 1 AS one FROM users_users") }
        }
        database.close()
        try await system.finish([])
    }
}

/// Parks an event that its consumer has no reaction to; the dead letter's id.
func parkIdleEvent(in endpoint: PostgresEndpoint) async throws -> String {
    let database = PostgresDatabase(
        endpoint, PostgresSettings(poolSize: 1, searchPath: ["public", "saga", "notifications"]))
    defer { database.close() }
    let now = Timestamp(milliseconds: 1_700_000_000_000)
    let envelope = Envelope(
        id: UUID(), type: "order.created", version: 1, source: "orders", subject: UUID(), time: now,
        correlationID: nil, causationID: nil, traceparent: nil, data: Data("{}".utf8))
    let fault = SagaFault.retryable("a mistake, mended by now")
    try await database.write { transaction in
        try SQLSagaStore(database).park(
            Retry(envelope: envelope, attempts: 4, dueAt: now, reason: fault.summary), because: fault,
            for: "notifications", at: now, in: transaction)
    }
    return ParkedMessages.id(of: envelope.id, in: "notifications").uuidString.lowercased()
}
