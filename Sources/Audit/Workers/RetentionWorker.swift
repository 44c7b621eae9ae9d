import FoundationEssentials
import SQLCore
import SagaChoreography
import Synchronization

/// Cleans up once a day, one segment a call.
public final class RetentionWorker: Activity {
    public let name = "audit.retention-worker"
    /// Nothing: it goes by the clock.
    public let wakesOn: Set<EventType> = []

    private enum State {
        case resting(until: Timestamp)
        case cleaning(after: Int64)
    }

    private let cleanup: AuditCleanup
    private let clock: any SagaClock
    private let next: @Sendable (Timestamp) -> Timestamp
    private let state: Mutex<State>

    /// - Parameter next: when to clean up next, seen from a time.
    public init(
        _ cleanup: AuditCleanup, clock: any SagaClock, next: @escaping @Sendable (Timestamp) -> Timestamp
    ) {
        self.cleanup = cleanup
        self.clock = clock
        self.next = next
        state = Mutex(.resting(until: next(clock.now())))
    }

    /// Cleans up the next segment, if it is time.
    ///
    /// - Throws: ``SQLError``; call again later.
    public func poll() async throws -> Progress {
        let now = clock.now()
        let last: Int64
        switch state.withLock({ $0 }) {
        case .resting(let until) where until > now: return .idle(wakeAt: until)
        case .resting: last = 0
        case .cleaning(let after): last = after
        }
        var outcome = AuditCleanup.Outcome()
        if let done = try await cleanup.step(after: last, isDry: false, by: nil, &outcome) {
            state.withLock { $0 = .cleaning(after: done) }
            return .worked
        }
        let until = next(now)
        state.withLock { $0 = .resting(until: until) }
        return .idle(wakeAt: until)
    }
}
