import Audit
import Metrics
import SagaChoreography
import Synchronization

/// Counts and times what this process records in the audit trail, and remembers what it has yet to record.
final class AuditCounters: AuditObserver {
    private struct State {
        var oldest: [AuditSource: Timestamp] = [:]
        var failing: Set<AuditSource> = []
    }

    private struct Instruments {
        let entries: Counter
        let duration: Timer
        let recorded: Counter
        let failed: Counter

        init(_ source: AuditSource) {
            let dimensions = [("source", source.rawValue)]
            entries = Counter(label: "purchase_audit_entries_total", dimensions: dimensions)
            duration = Timer(label: "purchase_audit_batch_duration_seconds", dimensions: dimensions)
            recorded = Counter(
                label: "purchase_audit_batches_total", dimensions: dimensions + [("result", "recorded")])
            failed = Counter(label: "purchase_audit_batches_total", dimensions: dimensions + [("result", "failed")])
        }
    }

    private let state = Mutex(State())
    private let instruments: [AuditSource: Instruments]

    init() {
        instruments = Dictionary(uniqueKeysWithValues: AuditSource.allCases.map { ($0, Instruments($0)) })
    }

    /// When that happened which this process has known of longest and not recorded; `nil` if it knows of nothing.
    var oldest: Timestamp? { state.withLock { $0.oldest.values.min() } }

    /// Whether the last attempt to look or to record succeeded.
    var isWorking: Bool { state.withLock { $0.failing.isEmpty } }

    func looked(_ source: AuditSource, oldest: Timestamp?) {
        state.withLock { state in
            state.oldest[source] = oldest
            state.failing.remove(source)
        }
    }

    func recorded(_ source: AuditSource, entries: Int, in duration: Duration) {
        state.withLock { state in
            state.oldest[source] = nil
            state.failing.remove(source)
        }
        guard let instruments = instruments[source] else { return }
        instruments.entries.increment(by: entries)
        instruments.recorded.increment()
        instruments.duration.record(duration: max(.zero, duration))
    }

    func failed(_ source: AuditSource) {
        _ = state.withLock { $0.failing.insert(source) }
        instruments[source]?.failed.increment()
    }

    func write(at now: Timestamp, to text: inout PrometheusText) {
        let age = oldest.map { max(0, Double((now - $0).wholeMilliseconds) / 1000) } ?? 0
        text.add(.gauge, .init("purchase_audit_waiting_age_seconds", []), age)
        text.add(.gauge, .init("purchase_audit_store_up", []), isWorking ? 1 : 0)
    }
}
