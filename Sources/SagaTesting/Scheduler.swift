import SagaChoreography

/// Drives activities without a task or timer of its own: picks one by the seed, lets it do one piece of work, and moves the
/// clock when nothing is due.
public struct Scheduler: Sendable {
    /// What it drives; the order means nothing, it is drawn anew for each round.
    public let activities: [any Activity]
    /// The clock it moves.
    public let clock: ManualClock
    /// Decides who is polled first.
    public let random: SeededRandom
    /// Further times at which something becomes due, such as a delayed delivery.
    public let nextDueAt: @Sendable () -> Timestamp?

    /// A scheduler of `activities`, all of which must read this `clock`.
    public init(
        _ activities: [any Activity], clock: ManualClock, random: SeededRandom,
        nextDueAt: @escaping @Sendable () -> Timestamp? = { nil }
    ) {
        self.activities = activities
        self.clock = clock
        self.random = random
        self.nextDueAt = nextDueAt
    }

    /// The system did not come to rest.
    public struct Restless: Error, CustomStringConvertible {
        /// How many polls were made before the scheduler gave up.
        public let polls: Int
        public var description: String { "not at rest after \(polls) polls" }
    }

    /// Polls until every activity is idle and nothing becomes due within `horizon` of the present time.
    ///
    /// - Parameters:
    ///   - horizon: how far the clock may be moved in all.
    ///   - polls: a bound on the work, so that a loop in the system fails the test instead of hanging it.
    ///   - isDone: stops early, once everything the test waits for is there.
    /// - Throws: ``Restless``; what an activity throws.
    public func run(
        for horizon: Duration, polls limit: Int = 200_000, until isDone: @Sendable () async throws -> Bool = { false }
    ) async throws {
        let end = clock.now() + horizon
        var polls = 0
        while true {
            var wakeAt: [Timestamp] = []
            var worked = false
            for activity in shuffled() {
                polls += 1
                guard polls <= limit else { throw Restless(polls: polls) }
                switch try await activity.poll() {
                case .worked: worked = true
                case .idle(let time): if let time { wakeAt.append(time) }
                }
            }
            if worked { continue }
            if try await isDone() { return }
            if let due = nextDueAt() { wakeAt.append(due) }
            guard let next = wakeAt.filter({ $0 > clock.now() }).min(), next <= end else {
                clock.advance(to: end)
                return
            }
            clock.advance(to: next)
        }
    }

    private func shuffled() -> [any Activity] {
        var order = activities
        for index in order.indices.dropLast() { order.swapAt(index, index + random.below(order.count - index)) }
        return order
    }
}
