import FoundationEssentials
import SQLCore
import SagaChoreography
import Synchronization

/// Lets an activity run in one process at a time, of all that share a database: whoever holds its lease. For work that is right
/// when two do it, but done twice for nothing, such as jobs on a schedule.
///
/// A process that is killed holds its leases until they end by themselves; clocks that differ by more than a lease's length let two
/// processes work at once.
public final class LeasedActivity: Activity {
    /// The activity's.
    public var name: String { activity.name }
    /// The activity's.
    public var wakesOn: Set<EventType> { activity.wakesOn }
    /// The activity's.
    public var follows: ServiceID? { activity.follows }
    /// The activity's.
    public var companies: [Set<EventType>] { activity.companies }
    /// The activity's.
    public var consumes: ServiceID? { activity.consumes }

    private let activity: any Activity
    private let lease: String
    private let database: any SQLDatabase
    private let holder: UUID
    private let clock: any SagaClock
    private let length: Duration
    private let rest: Duration
    private let heldUntil = Mutex<Timestamp?>(nil)

    /// - Parameters:
    ///   - lease: what the lease is called; `nil`: as the activity.
    ///   - holder: names this process, differently from all others.
    ///   - length: how long a lease lasts without being renewed.
    ///   - rest: the longest pause between two looks: what other processes commit wakes nobody here.
    public init(
        _ activity: any Activity, lease: String? = nil, on database: any SQLDatabase, holder: UUID,
        clock: any SagaClock,
        length: Duration = .seconds(10), rest: Duration = .seconds(1)
    ) {
        self.activity = activity
        self.lease = lease ?? activity.name
        self.database = database
        self.holder = holder
        self.clock = clock
        self.length = length
        self.rest = rest
    }

    /// As the activity's, if the lease is held or can be had.
    ///
    /// - Throws: as the activity's; ``SQLError``.
    public func poll() async throws -> Progress {
        let now = clock.now()
        // Renewed at half its length, so that one late look loses nothing.
        let isFresh = heldUntil.withLock { $0.map { $0 - now > length / 2 } ?? false }
        if !isFresh, try await !acquire(at: now) { return .idle(wakeAt: now + length / 3) }
        switch try await activity.poll() {
        case .worked: return .worked
        case .idle(let wakeAt):
            let latest = clock.now() + rest
            return .idle(wakeAt: wakeAt.map { min($0, latest) } ?? latest)
        }
    }

    /// As the activity's.
    public func end() async throws { try await activity.end() }

    private func acquire(at now: Timestamp) async throws -> Bool {
        let until = now + length
        // One that ends that late is that of a clock that is wrong.
        let doubtful = now + length * 3
        let (name, holder) = (lease, holder)
        let isHeld = try await database.write { transaction in
            try transaction.changesOne(
                """
                INSERT INTO saga_leases (name, holder, until) VALUES (\(name), \(holder), \(until.milliseconds))
                ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
                WHERE saga_leases.holder = excluded.holder OR saga_leases.until <= \(now.milliseconds)
                    OR saga_leases.until > \(doubtful.milliseconds)
                """)
        }
        heldUntil.withLock { $0 = isHeld ? until : nil }
        return isHeld
    }
}
