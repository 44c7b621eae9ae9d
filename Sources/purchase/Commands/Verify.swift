import ArgumentParser
import PurchaseApp

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check every invariant from the database alone.",
        discussion: """
            Works beside a running server. Waits for the system to come to rest, then checks settled orders strictly and says \
            what is still in flight. Exits 0 unless an invariant is broken.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(name: .long, help: "Seconds to wait for rest.")
    var wait = 10

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (0...86_400).contains(wait) else { throw ValidationError("--wait takes 0 to 86400 seconds.") }
    }

    func run() async throws {
        let configuration = try await options.load()
        let line = ProgressLine()
        let report = try await failing {
            let opened = try await OpenDatabases.openToRead(configuration)
            return try await Verifier(opened.services).run(
                waitingForRest: .seconds(wait),
                pause: { pause in
                    line.show("waiting for rest")
                    try await Task.sleep(for: pause)
                },
                progress: { line.show("\($0) settled orders compared") })
        }
        line.end()
        if json { try printJSON(report) } else { Self.print(report) }
        if !report.isClean { throw ExitCode(1) }
    }

    private static func print(_ report: VerifyReport) {
        for violation in report.violations {
            StandardOutput.write("BROKEN  \(violation.check): \(violation.sentence)\n        \(violation.what)")
        }
        for order in report.inFlight {
            let waits = order.waitsFor.isEmpty ? "its services" : order.waitsFor.joined(separator: ", ")
            StandardOutput.write(
                "in flight  order \(order.order)  \(order.status)  \(order.ageMilliseconds / 1000) s without progress, waits for \(waits)"
            )
        }
        if report.inFlightCount > report.inFlight.count {
            StandardOutput.write("in flight  and \(report.inFlightCount - report.inFlight.count) more")
        }
        if report.databases > 1 {
            StandardOutput.write(
                "\(report.databases) databases, each read at a moment of its own: what is in flight is not compared")
        }
        let queues = report.queues
        StandardOutput.write(
            "\(report.settledOrders) settled orders, \(report.inFlightCount) in flight; outbox \(queues.outbox), "
                + "unacknowledged \(queues.unacknowledged), retries \(queues.retries), parked \(queues.parked), "
                + "inbox \(queues.inbox), notifications waiting \(queues.notifications)")
        StandardOutput.write(
            report.isClean
                ? "clean: every invariant holds (\(report.checks) on all rows, and each settled order across all services)"
                : "\(report.violations.count) violations")
    }
}
