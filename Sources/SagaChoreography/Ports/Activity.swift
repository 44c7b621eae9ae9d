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

    /// Does what is due now, up to a bound.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` is a reason to pause; anything else is a mistake the runner reports.
    func poll() async throws -> Progress
}

extension Activity {
    /// Its rows are written by nobody else's reactions, unless the activity says otherwise.
    public var follows: ServiceID? { nil }
    /// It wants to know at once, unless the activity says otherwise.
    public func patience(with type: EventType) -> Duration { .zero }
    /// It is no consumer, unless the activity says otherwise.
    public var consumes: ServiceID? { nil }
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
