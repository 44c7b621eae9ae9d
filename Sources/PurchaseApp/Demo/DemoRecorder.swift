import FoundationEssentials
import SagaChoreography
import Synchronization

/// Hears what one step did: deliveries, what commands emitted, calls of the gateway, messages that were sent.
final class DemoRecorder: SagaObserver {
    /// What was heard since the last time.
    struct Heard: Sendable {
        var reports: [DeliveryReport] = []
        var committed: [Envelope] = []
        var calls: [DemoStep.GatewayCall] = []
        var messages: [String] = []

        /// What was emitted by commands and workers, not by a reaction.
        var emittedByCommands: [Envelope] {
            let byReactions = Set(reports.flatMap(\.emitted).map(\.id))
            return committed.filter { !byReactions.contains($0.id) }
        }
    }

    private let heard = Mutex(Heard())

    /// Gives what was heard, and forgets it.
    func take() -> Heard {
        heard.withLock { heard in
            defer { heard = Heard() }
            return heard
        }
    }

    func committed(_ envelopes: [Envelope]) { heard.withLock { $0.committed += envelopes } }
    func delivered(_ report: DeliveryReport) { heard.withLock { $0.reports.append(report) } }
    func called(_ call: DemoStep.GatewayCall) { heard.withLock { $0.calls.append(call) } }
    func sent(_ message: String) { heard.withLock { $0.messages.append(message) } }

    /// A poll that cannot reach its store throws, and the demo ends: nothing to tell.
    func paused(_ name: String, because fault: SagaFault, until resumeAt: Timestamp) {}
}
