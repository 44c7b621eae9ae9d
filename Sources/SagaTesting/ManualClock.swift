import SagaChoreography
import Synchronization

/// A clock that stands still until it is moved.
public final class ManualClock: SagaClock {
    private let time: Mutex<Timestamp>

    /// Starts at 2026-01-01T00:00:00Z unless told otherwise.
    public init(_ start: Timestamp = Timestamp(milliseconds: 1_767_225_600_000)) { time = Mutex(start) }

    /// The time it was last moved to.
    public func now() -> Timestamp { time.withLock { $0 } }

    /// Moves the time forward.
    public func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }

    /// Moves the time to `target`; never back.
    public func advance(to target: Timestamp) { time.withLock { $0 = max($0, target) } }
}
