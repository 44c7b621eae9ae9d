import ProcessDriver
import Testing

/// What operators see of the built program.
@Suite struct `Operators` {
    /// The value of a series, by its text before the value.
    private static func value(_ series: String, in text: String) -> Double? {
        text.split(separator: "\n").first { $0.hasPrefix(series + " ") }.flatMap { line in
            line.split(separator: " ").last.flatMap { Double($0) }
        }
    }

    @Test func `read at a port of their own how orders fare`() async throws {
        let environment = [
            "METRICS_PORT": "0", "PAYMENT_SUCCESS_RATE": "1", "PAYMENT_UNKNOWN_RATE": "0", "PAYMENT_LATENCY": "0",
        ]
        try await withServer(environment) { server in
            let shop = Storefront()
            shop.moved(to: server.url)
            let data = try await shop.setUpTestData()
            let body = #"{"userId":"\#(data.user.id)","itemId":"\#(data.items[0].id)","quantity":1}"#
            let order = try await shop.call(
                "POST", "/orders", token: data.tokens.user, headers: [("Prefer", "wait=5")], body: body)
            #expect(try order.decoded(as: Seen.Order.self).status == "COMPLETED")
            _ = try await shop.call("GET", "/nowhere/\(data.user.id)")

            let operators = Storefront()
            operators.moved(to: server.metricsURL)
            let text = try await waiting(for: "an order that has settled") { () -> String? in
                let answer = try await operators.call("GET", "/metrics")
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
                let text = String(decoding: answer.body, as: UTF8.self)
                let isSettled = Self.value(#"saga_events_emitted_total{type="order.settled"}"#, in: text) == 1
                let isHandled = Self.value("saga_outbox_oldest_age_seconds", in: text) == 0
                return isSettled && isHandled ? text : nil
            }
            for series in [
                #"saga_events_emitted_total{type="order.created"}"#,
                #"saga_deliveries_total{consumer="payments",disposition="applied"}"#,
                #"purchase_http_request_duration_seconds_count{method="POST",route="/orders",status="201"}"#,
                #"purchase_http_request_duration_seconds_bucket{method="POST",route="/orders",status="201",le="+Inf"}"#,
                #"purchase_http_request_duration_seconds_count{method="GET",route="none",status="404"}"#,
                #"purchase_order_duration_seconds_count{outcome="completed"}"#,
                "purchase_order_settlement_duration_seconds_count",
                #"saga_delivery_delay_seconds_count{consumer="payments"}"#,
                #"purchase_gauges_readable{source="database"}"#, #"purchase_gauges_readable{source="bus"}"#,
            ] {
                #expect(Self.value(series, in: text) ?? 0 > 0, "\(series) in \(text)")
            }
            for series in [
                #"purchase_orders_open{status="PROCESSING"}"#, "purchase_orders_oldest_open_age_seconds",
                "saga_outbox_oldest_age_seconds", "saga_outbox_unsent_events", #"saga_retries{consumer="users"}"#,
                #"saga_parked{consumer="users"}"#,
            ] {
                #expect(Self.value(series, in: text) == 0, "\(series)")
            }
            let memory = try #require(Self.value("process_resident_memory_bytes", in: text))
            #expect(memory > 1_000_000)
            #expect(!text.contains(data.user.id), "callers cannot make up series")
            #expect(try await operators.call("GET", "/items").status == 404, "nothing else is there")
            #expect(try await shop.call("GET", "/metrics").status == 404, "and it is not among the paths of clients")
        }
    }

    @Test func `are told which port is taken, whichever it is`() async throws {
        try await withServer(["METRICS_PORT": "0"]) { server in
            let port = try #require(server.metricsURL?.split(separator: ":").last)
            let workspace = try Workspace("taken")
            let second = try await workspace.run(
                ["serve", "--port", "0", "--database", workspace.database],
                environment: ["METRICS_PORT": "\(port)"])
            #expect(second.exit == .code(69))
            #expect(second.errorLines.count == 1)
            #expect(second.errors.contains("port \(port) (METRICS_PORT) is taken"), "\(second.errors)")
            workspace.remove()
        }
    }
}
