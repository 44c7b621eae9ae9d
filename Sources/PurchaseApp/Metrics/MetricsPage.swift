import SagaChoreography

/// Everything that `GET /metrics` shows.
struct MetricsPage: Sendable {
    /// What was counted and timed since the process started.
    let registry: PrometheusRegistry
    let system: SystemGauges
    let process: ProcessGauges
    /// What this process records; `nil` if it does not.
    var audit: AuditCounters?
    var clock: any SagaClock = SystemClock()

    func text() async -> String {
        var text = PrometheusText()
        registry.write(to: &text)
        await system.write(to: &text)
        audit?.write(at: clock.now(), to: &text)
        process.write(to: &text)
        return text.text
    }
}
