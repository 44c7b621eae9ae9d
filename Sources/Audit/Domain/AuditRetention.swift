import SagaChoreography
import SagaSQL

/// How long entries are kept.
public struct AuditRetention: Sendable, Hashable {
    /// What is below the threshold.
    public var kept: Duration
    /// What is at the threshold or above.
    public var severeKept: Duration
    /// From which severity on an entry is kept longer.
    public var threshold: AuditEntry.Severity

    public init(
        kept: Duration = .seconds(365 * 86_400), severeKept: Duration = .seconds(1095 * 86_400),
        threshold: AuditEntry.Severity = .critical
    ) {
        self.kept = kept
        self.severeKept = severeKept
        self.threshold = threshold
    }

    /// Before which time something is due that happens to be of a severity.
    struct Limits: Sendable {
        let general: Timestamp
        let severe: Timestamp
        let threshold: AuditEntry.Severity

        var latest: Timestamp { max(general, severe) }

        /// Cleanups stay: without them what they took away would look like tampering.
        func reach(_ entry: AuditEntry) -> Bool {
            entry.occurredAt < (entry.severity >= threshold ? severe : general) && entry.action != ChainCheck.cleanup
        }
    }

    func limits(at now: Timestamp) -> Limits {
        Limits(general: now + (.zero - kept), severe: now + (.zero - severeKept), threshold: threshold)
    }
}
