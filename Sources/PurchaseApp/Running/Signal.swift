import Synchronization

/// Wakes one waiting loop. Raised while nobody waits, it is kept: a wake-up is never lost, many count as one.
final class Signal: Sendable {
    private enum State {
        case quiet
        case raised
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.quiet)

    func raise() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if case .waiting(let waiter) = state {
                state = .quiet
                return waiter
            }
            state = .raised
            return nil
        }
        waiter?.resume()
    }

    /// Waits for a raise, or for the cancellation of the task, whichever is first.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRaised = state.withLock { state in
                    if case .raised = state {
                        state = .quiet
                        return true
                    }
                    state = .waiting(continuation)
                    return false
                }
                if isRaised { continuation.resume() }
            }
        } onCancel: {
            raise()
        }
    }

    /// Waits as ``wait()``, but not beyond `duration`.
    func wait(atMost duration: Duration) async {
        Alarm.shared.set(for: self, after: duration) { [self] in raise() }
        await wait()
        Alarm.shared.takeBack(of: self)
    }
}
