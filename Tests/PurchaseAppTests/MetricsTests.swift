import Foundation
import Logging
import Metrics
import PurchaseContracts
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization
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

    /// A migrated database in memory, and a page that tells of it.
    private func page(_ clock: ManualClock) async throws -> (SQLiteDatabase, MetricsPage) {
        let database = try SQLiteDatabase.inMemory()
        try await Migrator(PurchaseSystem.migrations(for: database.dialect)).migrate(
            database, now: clock.now().milliseconds)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let ids = UUIDv7Generator(clock: clock, random: SystemRandom())
        let bus = try EventBus(
            .embedded, on: database, channels: ["console"], clock: clock, ids: ids, logger: logger)
        let gauges = SystemGauges(
            ServiceDatabases(database), bus: bus, books: [], services: .all,
            participants: PurchaseSystem.participants(), clock: clock,
            logger: logger)
        let page = MetricsPage(
            registry: PrometheusRegistry(), system: gauges, process: ProcessGauges(started: clock.now()))
        return (database, page)
    }

    @Test func `what the database says is there from the first moment, all at rest`() async throws {
        let (_, page) = try await page(ManualClock())
        let text = await page.text()
        for name in [
            #"purchase_orders_open{status="PENDING"}"#, "purchase_orders_oldest_open_age_seconds", "saga_outbox_events",
            "saga_outbox_unsent_oldest_age_seconds", #"saga_consumer_lag_events{consumer="payments"}"#,
            #"saga_retries{consumer="orders"}"#, #"saga_parked{consumer="users"}"#, "purchase_notifications_pending",
        ] {
            #expect(text.contains("\n\(name) 0\n"), "\(name) in \(text)")
        }
        for source in ["bus", "database"] {
            #expect(text.contains("\npurchase_gauges_readable{source=\"\(source)\"} 1\n"))
        }
        for line in text.split(separator: "\n") where line.hasPrefix("# TYPE ") {
            let name = try #require(line.split(separator: " ").dropFirst(2).first)
            #expect(MetricNames.help[String(name)] != nil, "\(name) is not explained")
        }
    }

    @Test func `what cannot be read is missing and said to be, never a zero`() async throws {
        let (database, page) = try await page(ManualClock())
        try await database.write { try $0.script("DROP TABLE saga_parked") }
        let text = await page.text()
        #expect(text.contains("\npurchase_gauges_readable{source=\"database\"} 0\n"))
        #expect(!text.contains("saga_outbox_events"))
        #expect(text.contains("\npurchase_gauges_readable{source=\"bus\"} 1\n"))
        #expect(text.contains("saga_consumer_lag_events"))
        #expect(text.contains("process_start_time_seconds"), "what needs no database is there")
    }

    @Test func `a source is asked once for everybody who comes while its answer is fresh`() async throws {
        let asked = Mutex(0)
        let reading = Reading(of: "test", longestAge: .seconds(3600), logger: Logger(label: "test")) {
            asked.withLock {
                $0 += 1
                return $0
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let value = await reading.value()
                    #expect(value == 1)
                }
            }
        }
        #expect(asked.withLock { $0 } == 1)
    }

    @Test func `a source that does not answer holds nobody up, and its late answer is used`() async throws {
        let (gate, opener) = AsyncStream<Void>.makeStream()
        let reading = Reading(
            of: "test", longestAge: .seconds(3600), patience: .milliseconds(1), logger: Logger(label: "test")
        ) {
            for await _ in gate {}
            return 7
        }
        let early = await reading.value()
        #expect(early == nil)
        opener.finish()
        var late: Int?
        while late == nil { late = await reading.value() }
        #expect(late == 7)
    }

    @Test func `an id tells when it was made if it is of a version that does`() throws {
        let clock = ManualClock()
        let id = UUIDv7Generator(clock: clock, random: SystemRandom()).next()
        #expect(id.madeAt == clock.now())
        #expect(UUID(uuidString: "6ba7b810-9dad-41d1-80b4-00c04fd430c8")?.madeAt == nil)
    }
}
