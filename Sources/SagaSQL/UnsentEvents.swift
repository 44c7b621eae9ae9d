import SQLCore
import SagaChoreography
import Synchronization

/// What this process's transactions put into the outbox, until the relay has taken it: so that it need not read what was written
/// a moment ago. The table is the truth; what is missing here is found there.
final class UnsentEvents: Sendable {
    private struct State {
        var waiting: ArraySlice<Delivery> = []
        /// Whether the table may hold events of this process that are not here.
        var isIncomplete = true
    }

    private let bound: Int
    private let state = Mutex(State())

    /// - Parameter bound: how many events wait here at most.
    init(bound: Int = 20_000) { self.bound = bound }

    /// Takes what a database's transactions announce.
    func hear(_ news: CommitNews) {
        state.withLock { state in
            guard case .committed(let announcements) = news else {
                state.isIncomplete = true
                return
            }
            for case let appended as Outbox.Appended in announcements {
                guard state.waiting.count < bound else {
                    state.isIncomplete = true
                    return
                }
                state.waiting.append(contentsOf: appended.deliveries)
            }
        }
    }

    /// Takes the oldest ones.
    func take(_ limit: Int) -> [Delivery] {
        state.withLock { state in
            let taken = state.waiting.prefix(limit)
            state.waiting.removeFirst(taken.count)
            // A slice keeps what it was cut from: start anew now and then.
            if state.waiting.startIndex > 2 * state.waiting.count + 1024 {
                state.waiting = ArraySlice(Array(state.waiting))
            }
            return Array(taken)
        }
    }

    /// They could not be sent: the table has them still.
    func giveUp() { state.withLock { $0.isIncomplete = true } }

    /// Whether to look into the table, whoever wrote what is there; forgets it.
    func takeIncomplete() -> Bool {
        state.withLock { state in
            defer { state.isIncomplete = false }
            return state.isIncomplete
        }
    }
}
