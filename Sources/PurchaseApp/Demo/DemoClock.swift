import SagaChoreography
import Synchronization

/// The time of the story that a demo tells. It goes with the machine's while a service works, but a step takes only so much
/// of it: the ending must not depend on how busy the machine is. Pauses that are made for the reader take none.
final class DemoClock: SagaClock {
    /// More of the machine's time is left out. Dozens of steps fit before the shortest deadline of the scenarios.
    private static let longestStep = Duration.milliseconds(5)

    private struct State {
        /// The story's time at the beginning of the step, and the machine's.
        var story: Timestamp
        var machine: Timestamp
    }

    private let machine: any SagaClock
    private let state: Mutex<State>

    init(_ machine: any SagaClock) {
        self.machine = machine
        let now = machine.now()
        state = Mutex(State(story: now, machine: now))
    }

    func now() -> Timestamp {
        let machine = machine.now()
        return state.withLock { Self.time(in: $0, machine) }
    }

    /// The next step begins, `duration` of the story later.
    func goOn(after duration: Duration = .zero) {
        let machine = machine.now()
        state.withLock { $0 = State(story: Self.time(in: $0, machine) + duration, machine: machine) }
    }

    private static func time(in state: State, _ machine: Timestamp) -> Timestamp {
        state.story + max(.zero, min(machine - state.machine, longestStep))
    }
}
