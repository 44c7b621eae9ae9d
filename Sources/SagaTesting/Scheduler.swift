import SagaChoreography

/// Drives activities without a task or timer of its own: picks one by the seed, lets it do one piece of work, and moves the
/// clock when nothing is due.
///
/// With ``wakeUps`` it polls an activity that found nothing only when it is woken or its time has come, as in production. Those
/// that nobody woke are looked at all the same once something has changed and a second is about to pass: what they work on may
/// come without an event, and whatever wakes them may be lost.
public struct Scheduler: Sendable {
    /// What it drives; the order means nothing, it is drawn anew for each round.
    public let activities: [any Activity]
    /// The clock it moves.
    public let clock: ManualClock
    /// Decides who is polled first.
    public let random: SeededRandom
    /// Who is woken; `nil`: everybody is polled in each round.
    public let wakeUps: WakeUps?
    /// Who is polled in each round, whatever wakes it: who waits for something else than events.
    private let isRestless: @Sendable (any Activity) -> Bool
    /// Further times at which something becomes due, such as a delayed delivery.
    public let nextDueAt: @Sendable () -> Timestamp?

    /// A scheduler of `activities`, all of which must read this `clock`.
    ///
    /// - Parameters:
    ///   - wakeUps: the observer that the activities tell; `nil`: everybody is polled in each round.
    ///   - isRestless: whom to poll in each round all the same. Consumers, unless told otherwise: only the transport knows when
    ///     their deliveries are there.
    public init(
        _ activities: [any Activity], clock: ManualClock, random: SeededRandom, wakeUps: WakeUps? = nil,
        isRestless: @escaping @Sendable (any Activity) -> Bool = { $0.consumes != nil },
        nextDueAt: @escaping @Sendable () -> Timestamp? = { nil }
    ) {
        self.activities = activities
        self.clock = clock
        self.random = random
        self.wakeUps = wakeUps
        self.isRestless = isRestless
        self.nextDueAt = nextDueAt
        wakeUps?.watch(activities)
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
        var rests = Rests(count: activities.count)
        while true {
            var worked = false
            for index in shuffled() where isToBePolled(index, rests) {
                polls += 1
                guard polls <= limit else { throw Restless(polls: polls) }
                switch try await activities[index].poll() {
                case .worked:
                    worked = true
                    rests.work(index)
                case .idle(let time): rests.rest(index, until: time)
                }
            }
            if worked { continue }
            if try await isDone() { return }
            let next = rests.nextDue(and: nextDueAt(), after: clock.now())
            let due = next.flatMap { $0 <= end ? $0 : nil }
            if wakeUps != nil, rests.lookAgain(at: clock.now(), before: due) { continue }
            guard let due else {
                clock.advance(to: end)
                return
            }
            clock.advance(to: due)
        }
    }

    private func isToBePolled(_ index: Int, _ rests: Rests) -> Bool {
        guard let wakeUps else { return true }
        let isWoken = wakeUps.take(activities[index].name)
        return isWoken || rests.isDue(index, at: clock.now()) || isRestless(activities[index])
    }

    private func shuffled() -> [Int] {
        var order = Array(activities.indices)
        for index in order.indices.dropLast() { order.swapAt(index, index + random.below(order.count - index)) }
        return order
    }
}

/// Which activities rest, and since when.
private struct Rests {
    private enum State {
        case active
        case resting(until: Timestamp?)
    }

    /// Nobody who may have work that no event tells of waits longer.
    private static let longest = Duration.seconds(1)

    private var states: [State]
    /// Who found nothing, before another activity changed something.
    private var outdated: Set<Int> = []
    private var lookedAt: Timestamp?

    init(count: Int) { states = Array(repeating: .active, count: count) }

    mutating func work(_ index: Int) {
        states[index] = .active
        for (other, state) in states.enumerated() { if case .resting = state { outdated.insert(other) } }
    }

    mutating func rest(_ index: Int, until time: Timestamp?) {
        states[index] = .resting(until: time)
        outdated.remove(index)
    }

    func isDue(_ index: Int, at now: Timestamp) -> Bool {
        switch states[index] {
        case .active: true
        case .resting(let time): time.map { $0 <= now } ?? false
        }
    }

    func nextDue(and other: Timestamp?, after now: Timestamp) -> Timestamp? {
        var times = states.compactMap { if case .resting(let time) = $0 { time } else { nil } }
        if let other { times.append(other) }
        return times.filter { $0 > now }.min()
    }

    /// Lets those whose rest is outdated look once more if the next step of the clock would let them wait too long.
    mutating func lookAgain(at now: Timestamp, before next: Timestamp?) -> Bool {
        guard !outdated.isEmpty else { return false }
        if let next, next - now < Self.longest, let lookedAt, next - lookedAt < Self.longest { return false }
        for index in outdated { states[index] = .active }
        outdated = []
        lookedAt = now
        return true
    }
}
