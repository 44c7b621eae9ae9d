import SagaChoreography
import Synchronization

/// Hears what is committed and handled, as whoever drives activities in production does, and keeps which activities have a
/// reason to be polled.
public final class WakeUps: SagaObserver {
    private struct State {
        /// By event type: whom its commit wakes.
        var waking: [EventType: [String]] = [:]
        /// By service and event type: whom the end of its handling wakes.
        var following: [ServiceID: [EventType: [String]]] = [:]
        var woken: Set<String> = []
    }

    private let observer: any SagaObserver
    private let state = Mutex(State())

    /// - Parameter observer: is told all of it, too.
    public init(passingTo observer: any SagaObserver) { self.observer = observer }

    /// From now on these activities are woken by their events.
    func watch(_ activities: [any Activity]) {
        state.withLock { state in
            for activity in activities {
                for type in activity.wakesOn {
                    if let service = activity.follows {
                        state.following[service, default: [:]][type, default: []].append(activity.name)
                    } else {
                        state.waking[type, default: []].append(activity.name)
                    }
                }
            }
        }
    }

    /// Whether the activity was woken since this was last asked.
    func take(_ activity: String) -> Bool { state.withLock { $0.woken.remove(activity) != nil } }

    /// Wakes whoever waits for these events.
    public func committed(_ envelopes: [Envelope]) {
        state.withLock { state in
            for type in Set(envelopes.map(\.type)) { state.woken.formUnion(state.waking[type] ?? []) }
        }
        observer.committed(envelopes)
    }

    /// Wakes whoever follows the service that handled it.
    public func delivered(_ report: DeliveryReport) {
        state.withLock { $0.woken.formUnion($0.following[report.group]?[report.envelope.type] ?? []) }
        observer.delivered(report)
    }

    /// Passed on.
    public func paused(_ name: String, because fault: SagaFault, until resumeAt: Timestamp) {
        observer.paused(name, because: fault, until: resumeAt)
    }
}
