import SagaChoreography
import Synchronization

/// Where one task waits until it is woken or its time has come. Waking it while nobody waits is remembered.
final class Gate: Sendable {
    private struct State {
        var waiter: UnsafeContinuation<Void, Never>?
        var isRaised = false
        /// Tells the timers of earlier waits from that of the present one.
        var turn = 0
    }

    private let state = Mutex(State())

    /// Wakes the waiting task, or spares the next one its wait.
    func raise() {
        let waiter = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            guard let waiter = state.waiter else {
                state.isRaised = true
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Wakes the waiting task if it still waits the turn that a timer was set for.
    func elapse(turn: Int) {
        let waiter = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            guard state.turn == turn else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Suspends until ``raise()`` or, by way of `arm`, a timer that was told the turn.
    func wait(arm: (Int) -> Void) async {
        await withUnsafeContinuation { continuation in
            let turn = state.withLock { state -> Int? in
                guard !state.isRaised else {
                    state.isRaised = false
                    return nil
                }
                state.turn += 1
                state.waiter = continuation
                return state.turn
            }
            if let turn { arm(turn) } else { continuation.resume() }
        }
    }
}
