import Metrics
import PurchaseContracts
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaTesting
import Testing

@testable import PurchaseApp

@Suite struct `Metrics as Prometheus reads them` {
    private func text(_ registry: PrometheusRegistry) -> String {
        var text = PrometheusText()
        registry.write(to: &text)
        return text.text
    }

    @Test func `a counter goes up only, and the same name and labels are the same counter`() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "a_total", dimensions: [("x", "1")]).increment(by: 2)
        registry.makeCounter(label: "a_total", dimensions: [("x", "1")]).increment(by: 3)
        registry.makeCounter(label: "a_total", dimensions: [("x", "1")]).increment(by: -4)
        registry.makeCounter(label: "a_total", dimensions: [("x", "0")]).increment(by: 1)
        #expect(text(registry) == "# TYPE a_total counter\na_total{x=\"0\"} 1\na_total{x=\"1\"} 5\n")
    }

    @Test func `a timer is a histogram in seconds, each bucket counting what the smaller ones do`() throws {
        let registry = PrometheusRegistry()
        let timer = registry.makeTimer(label: "t_seconds", dimensions: [])
        for milliseconds in [1, 2, 250, 20_000] as [Int64] { timer.recordNanoseconds(milliseconds * 1_000_000) }
        let lines = text(registry).split(separator: "\n")
        #expect(lines.first == "# TYPE t_seconds histogram")
        for line in [
            #"t_seconds_bucket{le="0.001"} 1"#, #"t_seconds_bucket{le="0.0025"} 2"#, #"t_seconds_bucket{le="0.1"} 2"#,
            #"t_seconds_bucket{le="0.25"} 3"#, #"t_seconds_bucket{le="10"} 3"#, #"t_seconds_bucket{le="+Inf"} 4"#,
            "t_seconds_sum 20.253", "t_seconds_count 4",
        ] {
            #expect(lines.contains(Substring(line)), "\(line) in \(lines)")
        }
    }

    @Test func `labels are escaped, help stands once before its series`() throws {
        var text = PrometheusText()
        text.add(.gauge, .init("saga_parked", [("x", "a\"b\\c\nd")]), 1.5)
        text.add(.gauge, .init("saga_parked", []), 2)
        let help = try #require(MetricNames.help["saga_parked"])
        #expect(
            text.text == """
                # HELP saga_parked \(help)
                # TYPE saga_parked gauge
                saga_parked{x="a\\"b\\\\c\\nd"} 1.5
                saga_parked 2

                """)
    }

    @Test func `counting from many tasks at once loses nothing`() async {
        let registry = PrometheusRegistry()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        registry.makeCounter(label: "n_total", dimensions: [("task", "\(task % 2)")]).increment(by: 1)
                    }
                }
            }
        }
        #expect(text(registry).contains("n_total{task=\"0\"} 4000\nn_total{task=\"1\"} 4000\n"))
    }

    @Test func `what the database says is there from the first moment, all at rest`() async throws {
        let clock = ManualClock()
        let database = try SQLiteDatabase.inMemory()
        try await Migrator(PurchaseSystem.migrations(for: database.dialect)).migrate(
            database, now: clock.now().milliseconds)
        let page = MetricsPage(
            registry: PrometheusRegistry(),
            system: SystemGauges(database: database, participants: PurchaseSystem.participants(), clock: clock),
            process: ProcessGauges(started: clock.now()))
        let text = try await page.text()
        for name in [
            #"purchase_orders_open{status="PENDING"}"#, "purchase_orders_oldest_open_age_seconds", "saga_outbox_events",
            "saga_unacknowledged_events", "saga_retries", "saga_parked", "purchase_notifications_pending",
        ] {
            #expect(text.contains("\n\(name) 0\n"), "\(name) in \(text)")
        }
        for line in text.split(separator: "\n") where line.hasPrefix("# TYPE ") {
            let name = try #require(line.split(separator: " ").dropFirst(2).first)
            #expect(MetricNames.help[String(name)] != nil, "\(name) is not explained")
        }
        try await database.write { try $0.script("DROP TABLE saga_parked") }
        await #expect(throws: SQLError.self) { try await page.text() }
    }
}
