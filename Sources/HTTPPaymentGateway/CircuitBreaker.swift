import Payments
import SagaChoreography

/// Keeps a gateway that is down from being asked again and again. It knows no clock and no chance of its own.
///
/// Closed, it lets every call through and counts. Once so many of the latest calls failed it opens: nothing is let through until
/// its rest is over. Then one call finds out whether the gateway is back: if so it closes, else it rests longer.
///
/// Calls are counted by time, not in a row: calls that time out come back together, after all that were answered.
public struct CircuitBreaker: Sendable {
    /// When it opens, and for how long.
    public struct Settings: Sendable {
        /// How far back calls count.
        public var window: Duration
        /// How many calls have to count before it opens.
        public var calls: Int
        /// Which share of them has to have failed, 0…1.
        public var failures: Double
        /// How long it stays open at first; doubles with every failed probe, jittered.
        public var rest: Duration
        public var longestRest: Duration

        public init(
            window: Duration = .seconds(10), calls: Int = 20, failures: Double = 0.5, rest: Duration = .seconds(1),
            longestRest: Duration = .seconds(30)
        ) {
            self.window = window
            self.calls = calls
            self.failures = failures
            self.rest = rest
            self.longestRest = longestRest
        }
    }

    /// The right to make one call, given back with its outcome.
    public struct Ticket: Sendable, Hashable {
        fileprivate let period: UInt64
    }

    /// Whether a call may be made.
    public enum Admission: Sendable, Hashable {
        case admitted(Ticket)
        case refused(until: Timestamp)
    }

    /// What the outcome of a call changed, for whoever tells people.
    public enum Change: Sendable, Hashable {
        case opened(until: Timestamp)
        case closed
    }

    private enum State {
        case closed
        case open(until: Timestamp)
        case probing(since: Timestamp)
    }

    private let settings: Settings
    private let rests: RetryPolicy
    private var state = State.closed
    /// Grows with every change of state: outcomes of calls of an earlier one no longer count.
    private var period: UInt64 = 0
    /// How often it opened since it was closed.
    private var openings = 0
    private var counts: [Count] = []

    /// Calls that ended in one part of the window.
    private struct Count {
        let begin: Timestamp
        var calls = 0
        var failures = 0
    }

    /// Into how many parts the window is cut.
    private static let parts: Int64 = 10
    /// How soon to look again while a probe is on its way.
    private static let probeGlance = Duration.milliseconds(100)

    public init(_ settings: Settings = Settings()) {
        self.settings = settings
        rests = RetryPolicy(retries: .max, first: settings.rest, longest: settings.longestRest)
    }

    /// Asks to make a call. Whoever is admitted has to ``record(_:isFailure:at:random:)`` its outcome.
    public mutating func admit(at now: Timestamp) -> Admission {
        switch state {
        case .closed:
            return .admitted(Ticket(period: period))
        case .open(let until) where now < until:
            return .refused(until: until)
        case .open:
            enter(.probing(since: now))
            return .admitted(Ticket(period: period))
        case .probing:
            return .refused(until: now + Self.probeGlance)
        }
    }

    /// Whether a call would be admitted.
    public func readiness(at now: Timestamp) -> GatewayReadiness {
        switch state {
        case .closed: .ready
        case .open(let until): now < until ? .resting(until: until) : .probing
        case .probing: .resting(until: now + Self.probeGlance)
        }
    }

    /// Notes how an admitted call ended.
    public mutating func record(
        _ ticket: Ticket, isFailure: Bool, at now: Timestamp, random: any RandomSource
    ) -> Change? {
        guard ticket.period == period else { return nil }
        switch state {
        case .open:
            return nil
        case .probing where isFailure:
            return open(at: now, random)
        case .probing:
            openings = 0
            enter(.closed)
            return .closed
        case .closed:
            count(isFailure, at: now)
            return isBroken ? open(at: now, random) : nil
        }
    }

    private mutating func open(at now: Timestamp, _ random: any RandomSource) -> Change {
        openings += 1
        let until = now + rests.delay(afterAttempt: openings, random: random)
        enter(.open(until: until))
        return .opened(until: until)
    }

    private mutating func enter(_ next: State) {
        state = next
        period += 1
        counts = []
    }

    private mutating func count(_ isFailure: Bool, at now: Timestamp) {
        let part = max(1, settings.window.wholeMilliseconds / Self.parts)
        let oldest = now + (.zero - settings.window)
        counts.removeAll { $0.begin <= oldest }
        if counts.last.map({ (now - $0.begin).wholeMilliseconds < part }) != true { counts.append(Count(begin: now)) }
        counts[counts.count - 1].calls += 1
        if isFailure { counts[counts.count - 1].failures += 1 }
    }

    private var isBroken: Bool {
        let calls = counts.reduce(0) { $0 + $1.calls }
        let failures = counts.reduce(0) { $0 + $1.failures }
        return calls >= settings.calls && Double(failures) >= settings.failures * Double(calls)
    }
}
