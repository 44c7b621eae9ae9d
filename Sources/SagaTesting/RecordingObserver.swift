import SagaChoreography
import Synchronization

/// Keeps what the engine tells, for tests to read.
public final class RecordingObserver: SagaObserver {
    private let state = Mutex<(envelopes: [Envelope], reports: [DeliveryReport])>(([], []))

    /// An observer that was told nothing yet.
    public init() {}

    /// Keeps the envelopes.
    public func committed(_ envelopes: [Envelope]) { state.withLock { $0.envelopes += envelopes } }
    /// Keeps the report.
    public func delivered(_ report: DeliveryReport) { state.withLock { $0.reports.append(report) } }
    /// Keeps nothing: no test asks for it.
    public func paused(_ name: String, because fault: SagaFault, until resumeAt: Timestamp) {}

    /// Everything committed so far, in order.
    public var envelopes: [Envelope] { state.withLock { $0.envelopes } }
    /// Every delivery so far, in order.
    public var reports: [DeliveryReport] { state.withLock { $0.reports } }

    /// Takes what was told since the last call.
    public func take() -> (envelopes: [Envelope], reports: [DeliveryReport]) {
        state.withLock { state in
            defer { state = ([], []) }
            return state
        }
    }
}
