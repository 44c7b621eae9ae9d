import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization
import TestEngines

/// Counts changes of the database, so that nobody looks again where nothing can be new.
final class Pulse: Sendable {
    private let count = Mutex<UInt64>(0)

    var beats: UInt64 { count.withLock { $0 } }
    func beat() { count.withLock { $0 += 1 } }
}

/// An activity after each work of which the watched orders are looked at. It is not polled again before something changed or
/// its time has come: as live, where it is woken.
final class WatchedActivity: Activity {
    private let activity: any Activity
    private let history: OrderHistory
    private let pulse: Pulse
    private let clock: ManualClock
    /// For a consumer: what it could receive.
    private let mailbox: (group: ServiceID, network: ScriptedNetwork)?
    private let idle = Mutex<(since: UInt64, wakeAt: Timestamp?)?>(nil)

    init(
        _ activity: any Activity, history: OrderHistory, pulse: Pulse, clock: ManualClock,
        mailbox: (group: ServiceID, network: ScriptedNetwork)?
    ) {
        self.activity = activity
        self.history = history
        self.pulse = pulse
        self.clock = clock
        self.mailbox = mailbox
    }

    var name: String { activity.name }
    var wakesOn: Set<EventType> { activity.wakesOn }
    var follows: ServiceID? { activity.follows }
    var consumes: ServiceID? { activity.consumes }

    func poll() async throws -> Progress {
        let beats = pulse.beats
        // What may be pruned depends on rows alone, unless a relay asks a broker who acknowledged what: no need to step through
        // virtual time second by second.
        if activity is OutboxPruner, TestEngine.isSQLite, idle.withLock({ $0 })?.since == beats {
            return .idle(wakeAt: nil)
        }
        if let idle = idle.withLock({ $0 }), idle.wakeAt.map({ $0 > clock.now() }) ?? true {
            if let mailbox {
                try await mailbox.network.takeNewRows()
                if !mailbox.network.hasDue(for: mailbox.group) { return .idle(wakeAt: idle.wakeAt) }
            } else if idle.since == beats {
                return .idle(wakeAt: idle.wakeAt)
            }
        }
        let progress: Progress
        do {
            progress = try await activity.poll()
        } catch SagaFault.unavailable {
            // As live: it pauses, and nothing is counted. What it did before may have been committed.
            pulse.beat()
            idle.withLock { $0 = nil }
            return .idle(wakeAt: clock.now() + .milliseconds(200))
        }
        switch progress {
        case .worked:
            pulse.beat()
            idle.withLock { $0 = nil }
            if name.hasPrefix("orders.") { try await history.look() }
        case .idle(let wakeAt):
            idle.withLock { $0 = (beats, wakeAt) }
        }
        return progress
    }
}
