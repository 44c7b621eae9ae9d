import Dispatch
import Foundation
import Synchronization

/// Calls whoever waits when his time has come: one thread for all of them, woken for a new time only if that is before all others.
///
/// Nearly everybody is woken by something else before. Were each to sleep in a task of his own, or to set a timer of his own, every such
/// wait would wake threads twice for nothing.
final class Alarm: Sendable {
    /// That of the process.
    static let shared = Alarm()

    private struct Sleeper {
        let at: ContinuousClock.Instant
        let ring: @Sendable () -> Void
    }

    private struct State {
        var sleepers: [ObjectIdentifier: Sleeper] = [:]
        /// Until when the thread sleeps; `nil`: until somebody comes.
        var next: ContinuousClock.Instant?
        var isRunning = false
    }

    private let state = Mutex(State())
    private let earlier = DispatchSemaphore(value: 0)

    /// Calls `ring` when `duration` is over, unless it is taken back before or set for another time.
    ///
    /// - Parameters:
    ///   - owner: whose alarm it is; each has one.
    ///   - ring: called on the alarm's thread, so it must be quick.
    func set(for owner: AnyObject, after duration: Duration, _ ring: @escaping @Sendable () -> Void) {
        set(for: owner, at: .now + duration, ring)
    }

    /// As ``set(for:after:_:)``, at a time.
    func set(for owner: AnyObject, at: ContinuousClock.Instant, _ ring: @escaping @Sendable () -> Void) {
        let (isFirst, begins) = state.withLock { state in
            state.sleepers[ObjectIdentifier(owner)] = Sleeper(at: at, ring: ring)
            defer { state.isRunning = true }
            if let next = state.next, next <= at { return (false, false) }
            state.next = at
            return (true, !state.isRunning)
        }
        if begins {
            let thread = Thread { self.run() }
            thread.name = "alarm"
            thread.start()
        } else if isFirst {
            earlier.signal()
        }
    }

    /// Nobody is called for this owner any more, except by a call that is under way.
    func takeBack(of owner: AnyObject) {
        _ = state.withLock { $0.sleepers.removeValue(forKey: ObjectIdentifier(owner)) }
    }

    private func run() {
        while true {
            let (due, next) = state.withLock { state in
                let now = ContinuousClock.now
                let due = state.sleepers.filter { $0.value.at <= now }
                for owner in due.keys { state.sleepers[owner] = nil }
                state.next = state.sleepers.values.map(\.at).min()
                return (due.values.sorted { $0.at < $1.at }.map(\.ring), state.next)
            }
            for ring in due { ring() }
            guard let next else {
                earlier.wait()
                continue
            }
            _ = earlier.wait(timeout: .now() + (next - .now).dispatchInterval)
        }
    }
}

extension Duration {
    fileprivate var dispatchInterval: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        return .nanoseconds(Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
    }
}
