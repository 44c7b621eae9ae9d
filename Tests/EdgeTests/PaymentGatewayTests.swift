import Foundation
import ProcessDriver
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The built program against a gateway in a process of its own.
@Suite(.serialized) struct `A payment gateway over HTTP` {
    private struct Payment: Decodable, Sendable {
        let status: String
        let amount: Int64
    }

    /// A server, its gateway and a buyer.
    private struct Run: Sendable {
        let workspace: Workspace
        let gateway: GatewayProcess
        let server: Server
        let shop: Storefront
        let data: Seen.TestData.Content

        var token: String { data.tokens.user }

        func place() async throws -> String {
            let body = #"{"userId":"\#(data.user.id)","itemId":"\#(data.items[0].id)","quantity":1}"#
            let answer = try await shop.call("POST", "/orders", token: token, body: body)
            #expect(answer.status == 201)
            return try answer.decoded(as: Seen.Order.self).id
        }

        /// - Returns: the status of the answer.
        func cancel(_ order: String) async throws -> Int {
            try await shop.call("POST", "/orders/\(order)/cancel", token: token).status
        }

        func order(_ id: String) async throws -> Seen.Order { try await shop.get("/orders/\(id)", token: token) }

        func ended(_ id: String) async throws -> Seen.Order {
            // Pauses between calls about one payment grow to a minute.
            try await waiting(for: "the end of order \(id)", within: .seconds(300), every: .milliseconds(50)) {
                let order = try await order(id)
                return order.isFinal ? order : nil
            }
        }

        /// What operators read.
        func metrics() async throws -> String {
            let operators = Storefront()
            operators.moved(to: server.metricsURL)
            return String(decoding: try await operators.call("GET", "/metrics").body, as: UTF8.self)
        }

        /// What the gateway's book and the payments say differently, a sentence each.
        func disagreements(_ orders: [String]) async throws -> [String] {
            let charges = try await gateway.charges()
            var found = Set(charges.map(\.orderReference)).subtracting(orders).map { "nobody ordered \($0)" }
            let byOrder = Dictionary(grouping: charges, by: \.orderReference)
            for order in orders {
                let answer = try await shop.call("GET", "/payments/\(order)", token: token)
                let payment = answer.status == 404 ? nil : try answer.decoded(as: Payment.self)
                let booked = byOrder[order] ?? []
                let net = booked.reduce(0) { $0 + $1.net }
                let expected = payment?.status == "CAPTURED" ? payment?.amount ?? 0 : 0
                if net != expected { found.append("\(order): the book has \(net), not \(expected)") }
                if booked.count > 1 { found.append("\(order) was charged \(booked.count) times") }
                if payment?.status == "REFUNDED", booked.first?.refunds.count(where: { $0.status == "succeeded" }) != 1
                {
                    found.append("\(order) was not refunded once")
                }
            }
            return found
        }

        func verified() async throws -> Seen.Verification {
            let ended = try await workspace.run(
                ["verify", "--env", "test", "--database", workspace.database, "--wait", "60", "--json"],
                environment: gateway.environment(timeout: 500), within: .seconds(90))
            #expect(ended.exit == .code(0), "\(ended.out) \(ended.errors)")
            return try JSONDecoder().decode(Seen.Verification.self, from: Data(ended.out.utf8))
        }
    }

    private func withGateway(_ options: [String], log: String = "warning", _ body: (Run) async throws -> Void)
        async throws
    {
        let workspace = try Workspace("gateway")
        let gateway = try await GatewayProcess.start(options, in: workspace)
        do {
            let environment = gateway.environment(timeout: 500).merging(["LOG_LEVEL": log, "METRICS_PORT": "0"]) { $1 }
            let server = try await Server.start(in: workspace, environment: environment)
            let shop = Storefront()
            shop.moved(to: server.url)
            try await body(
                Run(
                    workspace: workspace, gateway: gateway, server: server, shop: shop,
                    data: try await shop.setUpTestData()))
            let secrets = gateway.environment(timeout: 0).filter { $0.key != "PAYMENT_GATEWAY_URL" }.values
            for secret in secrets where secret.count > 20 {
                #expect(!(server.program.errors + server.program.out).contains(secret), "a secret is in the log")
            }
            _ = try await server.stop(within: .seconds(30))
        } catch {
            try await gateway.kill()
            throw error
        }
        try await gateway.kill()
        workspace.remove()
    }

    @Test(.timeLimit(.minutes(8)), arguments: [true, false])
    func `with a fifth of all calls unanswered each order is charged once or not at all, told of it or not`(
        isTold: Bool
    ) async throws {
        let options = [
            "--timeout-rate", "0.2", "--error-rate", "0.05", "--decline-rate", "0.3", "--webhook-copies", "2",
            "--seed", "7",
        ]
        try await withGateway(options) { run in
            if isTold { try await run.gateway.tell(run.server) }
            var orders: [String] = []
            try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<48 {
                    group.addTask {
                        let order = try await run.place()
                        if index.isMultiple(of: 3) { _ = try await run.cancel(order) }
                        return order
                    }
                }
                for try await order in group { orders.append(order) }
            }
            var ends: [String: Int] = [:]
            for order in orders { ends[try await run.ended(order).status, default: 0] += 1 }
            #expect(ends["COMPLETED", default: 0] > 0 && ends["FAILED", default: 0] > 0, "\(ends)")
            let before = try await run.disagreements(orders)
            #expect(before == [])

            // All of it at once, late, and for the second time to whoever was told.
            try await run.gateway.tell(run.server)
            try await run.gateway.tellAgain()
            let verification = try await run.verified()
            #expect(verification.violations.isEmpty && verification.settledOrders == orders.count)
            let after = try await run.disagreements(orders)
            #expect(after == [])
            for order in orders { #expect(try await run.order(order).isFinal) }
        }
    }

    @Test(.timeLimit(.minutes(8)))
    func `one that hangs is left alone, cancelling stays immediate, and once it is back every order ends`() async throws
    {
        try await withGateway([]) { run in
            await run.gateway.program.signal(SIGSTOP)
            var orders: [String] = []
            for _ in 0..<30 { orders.append(try await run.place()) }
            try await until("the gateway to be left alone") { run.server.program.errors.contains("left alone") }

            #expect(try await run.metrics().contains("\npurchase_gateway_resting 1\n"))

            let late = try await run.place()
            orders.append(late)
            #expect(try await run.cancel(late) == 200)
            await run.gateway.program.signal(SIGCONT)

            var ends: [String: Int] = [:]
            for order in orders { ends[try await run.ended(order).status, default: 0] += 1 }
            #expect(ends == ["COMPLETED": 30, "CANCELLED": 1])
            let metrics = try await run.metrics()
            #expect(metrics.contains("\npurchase_gateway_resting 0\n"), "\(metrics)")
            // Nobody told: each of the 30 was decided by one answer.
            let decided = metrics.matches(of: #/purchase_gateway_calls_total\{.*outcome="decided"\} (\d+)/#)
            #expect(decided.compactMap { Int($0.output.1) }.reduce(0, +) == 30, "\(metrics)")
            let found = try await run.disagreements(orders)
            #expect(found == [])
            #expect(try await run.gateway.charges().count == 30)
            #expect(try await run.verified().violations.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(8)))
    func `one that never answers is believed when it tells, and what was to be cancelled is given back`() async throws {
        try await withGateway(["--timeout-rate", "1"], log: "info") { run in
            let (kept, cancelled) = (try await run.place(), try await run.place())
            for order in [kept, cancelled] {
                try await until("a call about \(order)") {
                    run.server.program.errors.split(separator: "\n").contains {
                        $0.contains("no answer of the payment") && $0.contains(order)
                    }
                }
            }
            #expect(try await run.cancel(cancelled) == 202)
            try await run.gateway.tell(run.server)
            #expect(try await run.ended(kept).status == "COMPLETED")
            #expect(try await run.ended(cancelled).status == "CANCELLED")
            let payment = try await run.shop.get("/payments/\(cancelled)", token: run.token, as: Payment.self)
            #expect(payment.status == "REFUNDED")
            let found = try await run.disagreements([kept, cancelled])
            #expect(found == [])
            #expect(try await run.verified().violations.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(8)))
    func `a server that is killed while calls are under way charges nothing twice once it is back`() async throws {
        try await withGateway(["--timeout-rate", "0.5", "--seed", "3"], log: "info") { run in
            var orders: [String] = []
            for _ in 0..<20 { orders.append(try await run.place()) }
            try await until("a call without answer") { run.server.program.errors.contains("no answer of the payment") }
            try await run.server.kill()

            let environment = run.gateway.environment(timeout: 500)
            let second = try await Server.start(in: run.workspace, environment: environment)
            run.shop.moved(to: second.url)
            // What was told meanwhile waits over there, and comes now.
            try await run.gateway.tell(second)
            for order in orders { #expect(try await run.ended(order).status == "COMPLETED") }
            let found = try await run.disagreements(orders)
            #expect(found == [])
            #expect(try await run.verified().violations.isEmpty)
            #expect(try await second.stop(within: .seconds(30)) == .code(0))
        }
    }

    @Test func `another gateway is not taken while payments wait for the one of before`() async throws {
        try await withGateway([], log: "info") { run in
            await run.gateway.program.signal(SIGSTOP)
            _ = try await run.place()
            try await until("a call without answer") { run.server.program.errors.contains("no answer of the payment") }
            _ = try await run.server.stop(within: .seconds(30))
            let other = try await run.workspace.run(
                ["serve", "--port", "0", "--env", "test", "--database", run.workspace.database], environment: [:])
            #expect(other.exit == .code(78), "\(other.out)")
            #expect(other.errors.contains("PAYMENT_GATEWAY"))
        }
    }
}
