import SagaChoreography
import Synchronization

/// Raises an activity's signal for what has arrived: at once, or some time later, once for all that comes meanwhile.
final class PatientSignal: Sendable {
    private struct State {
        /// When somebody is woken at the latest; `nil`: nothing waits.
        var due: ContinuousClock.Instant?
        /// What came of each company since somebody was woken.
        var gathered: [Set<EventType>]
    }

    private let signal: Signal
    private let patience: @Sendable (EventType) -> Duration
    private let companies: [Set<EventType>]
    private let state: Mutex<State>

    /// One that has no patience of its own.
    init(_ signal: Signal) {
        self.signal = signal
        patience = { _ in .zero }
        companies = []
        state = Mutex(State(gathered: []))
    }

    /// - Parameter activity: says how long which events may wait, and for what.
    init(_ signal: Signal, for activity: any Activity) {
        self.signal = signal
        patience = { activity.patience(with: $0) }
        companies = activity.companies
        state = Mutex(State(gathered: companies.map { _ in [] }))
    }

    /// Events of these types have arrived; none: something else has.
    func arrived(_ types: Set<EventType>) {
        let patience = types.map(patience).min() ?? .zero
        guard patience > .zero else { return raise() }
        let isComplete = state.withLock { state in
            for index in companies.indices { state.gathered[index].formUnion(types.intersection(companies[index])) }
            return companies.indices.contains {
                !types.isDisjoint(with: companies[$0]) && state.gathered[$0] == companies[$0]
            }
        }
        if isComplete { raise() } else { raise(after: patience) }
    }

    func raise(after patience: Duration) {
        let due = ContinuousClock.now + patience
        state.withLock { state in
            if let earlier = state.due, earlier <= due { return }
            state.due = due
            // Under the lock: what is set last is what counts. An alarm of before that rings for what waits now is merely early.
            Alarm.shared.set(for: self, after: patience) { [self] in
                if isPending { raise() }
            }
        }
    }

    private var isPending: Bool { state.withLock { $0.due != nil } }

    private func raise() {
        state.withLock { state in
            state.due = nil
            for index in companies.indices { state.gathered[index] = [] }
        }
        signal.raise()
    }
}
