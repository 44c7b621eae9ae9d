import LoadGenerator
import PurchaseApp

/// What a load is reported as.
struct LoadSummary: Encodable {
    let answersPerSecond: Double
    let report: LoadReport
    let outcome: StoredOutcome?
    let violations: [String]?
    let inFlight: Int?
    /// Bytes.
    let peakMemory: Int?

    init(_ report: LoadReport, outcome: StoredOutcome?, verification: VerifyReport?, peakMemory: Int?) {
        answersPerSecond = report.rate
        self.report = report
        self.outcome = outcome
        violations = verification.map { $0.violations.map { "\($0.check): \($0.what)" } }
        inFlight = verification?.inFlightCount
        self.peakMemory = peakMemory
    }

    /// Whether nothing went wrong: no server error, no request without an answer, no broken invariant, nothing stuck.
    var isGood: Bool {
        report.failures.isEmpty && !report.statuses.keys.contains { $0.hasPrefix("5") }
            && violations?.isEmpty ?? true && inFlight ?? 0 == 0
    }

    var lines: [String] {
        var lines = [
            "\(report.answers) answers in \(Self.number(report.seconds)) s: \(Self.number(answersPerSecond)) a second"
        ]
        for (label, latency) in report.latencies.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "\(label): \(latency.count); ms p50 \(Self.ms(latency.p50)), p90 \(Self.ms(latency.p90)), "
                    + "p99 \(Self.ms(latency.p99)), p99.9 \(Self.ms(latency.p999)), max \(Self.ms(latency.max))")
        }
        lines.append("status: " + Self.list(report.statuses))
        if !report.failures.isEmpty { lines.append("FAILED: " + Self.list(report.failures)) }
        if report.unsent > 0 { lines.append("due and never sent: \(report.unsent), the server was too slow") }
        if let outcome {
            lines.append(
                "\(outcome.orders) orders: \(Self.list(outcome.byStatus)); start to end ms p50 \(outcome.p50), "
                    + "p99 \(outcome.p99), longest \(outcome.longest)")
        }
        if let peakMemory { lines.append("peak memory of the server: \(peakMemory / 1_048_576) MB") }
        if let violations {
            lines += violations.map { "BROKEN  \($0)" }
            lines.append(
                violations.isEmpty && inFlight == 0
                    ? "verify: every invariant holds, nothing in flight"
                    : "verify: \(violations.count) broken, \(inFlight ?? 0) in flight")
        }
        return lines
    }

    private static func list(_ counts: [String: Int]) -> String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    private static func number(_ value: Double) -> String { String((value * 10).rounded() / 10) }
    private static func ms(_ micros: UInt64) -> String { String((Double(micros) / 10).rounded() / 100) }
}
