/// How often and how soon a faulted message is tried again.
public struct RetryPolicy: Sendable {
    /// Deliveries that may fault before the message is parked: the first one and `retries` more.
    public let retries: Int
    /// Delay before the first retry; doubles with each.
    public let first: Duration
    /// Longest delay.
    public let longest: Duration

    /// By default 3 retries after 100 ms, 200 ms and 400 ms (less jitter): 4 deliveries before a message is parked.
    public init(retries: Int = 3, first: Duration = .milliseconds(100), longest: Duration = .seconds(30)) {
        self.retries = retries
        self.first = first
        self.longest = longest
    }

    /// The delay after the fault number `attempt` (from 1), with "equal jitter": half of it fixed, half random
    /// (M. Brooker, "Exponential Backoff And Jitter", 2015).
    public func delay(afterAttempt attempt: Int, random: any RandomSource) -> Duration {
        let doubled = first.wholeMilliseconds << min(max(attempt - 1, 0), 30)
        let full = max(2, min(doubled, longest.wholeMilliseconds))
        let half = full / 2
        return .milliseconds(half + Int64(random.next() % UInt64(half + 1)))
    }
}
