/// Something that keeps the system moving: a consumer, a worker over rows, a clean-up.
///
/// It does one bounded piece of work a call and owns no task, timer or loop; whoever drives it does (the application's
/// runner live, the seeded scheduler in a simulation).
public protocol Activity: Sendable {
    /// For logs and health: `items.consumer`, `payments.gateway-worker`, …
    var name: String { get }

    /// Event types whose commit is a reason to call ``poll()`` soon.
    var wakesOn: Set<EventType> { get }

    /// The service whose reactions write the rows this activity works on. It is then woken once that service has handled an
    /// event of ``wakesOn``; `nil`: as soon as such an event is committed.
    var follows: ServiceID? { get }

    /// The consumer group whose deliveries it handles; `nil` if it handles none.
    var consumes: ServiceID? { get }

    /// How long an event of that type may wait until ``poll()`` is called for it alone.
    func patience(with type: EventType) -> Duration

    /// Types of which one of each is worth waiting for: with the last of a set nothing of it waits any longer.
    var companies: [Set<EventType>] { get }

    /// Does what is due now, up to a bound.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` is a reason to pause; anything else is a mistake the runner reports.
    func poll() async throws -> Progress

    /// Gives back what it holds for its process, which ends: no activity of it is polled any more.
    ///
    /// - Throws: whatever kept it from that; it is missed by nobody for longer than after a crash.
    func end() async throws
}

extension Activity {
    /// Its rows are written by nobody else's reactions, unless the activity says otherwise.
    public var follows: ServiceID? { nil }
    /// It wants to know at once, unless the activity says otherwise.
    public func patience(with type: EventType) -> Duration { .zero }
    /// Nothing waits for anything, unless the activity says otherwise.
    public var companies: [Set<EventType>] { [] }
    /// It is no consumer, unless the activity says otherwise.
    public var consumes: ServiceID? { nil }
    /// It holds nothing, unless the activity says otherwise.
    public func end() async throws {}
}

/// What a poll found.
public enum Progress: Sendable, Equatable {
    /// Something was done; there may be more.
    case worked
    /// Nothing is due before `wakeAt` (`nil`: not before an event).
    case idle(wakeAt: Timestamp?)

    /// Whoever drives an activity polls it at least this often, whatever it says: nobody is woken by a commit whose answer was
    /// lost.
    public static let longestRest = Duration.seconds(60)
}
