import SagaChoreography
import Synchronization

/// How many requests one caller may make in which time.
public struct RateLimit: Sendable, Equatable {
    /// In this time …
    public var window: Duration
    /// … so many requests; a fifth of them to `/auth`.
    public var requests: Int

    /// Takes what its properties say.
    public init(window: Duration, requests: Int) {
        self.window = window
        self.requests = requests
    }
}

/// Limits callers by the generic cell rate algorithm (ITU-T I.371): a whole window's requests at once are fine, from then on they
/// come back evenly. One number a caller is kept.
final class RateLimiter: Sendable {
    /// Callers that are remembered at most; forgetting one gives it a fresh start.
    private static let capacity = 100_000

    struct Verdict: Equatable {
        let isAllowed: Bool
        let limit: Int
        let remaining: Int
        /// Whole seconds until all requests are back, or, refused, until the next is allowed.
        let seconds: Int64
    }

    private let limit: Int
    private let window: Int64
    private let interval: Int64
    /// When each caller's requests are all back, in microseconds.
    private let callers = Mutex(RecentlySeen<String, Int64>(capacity: capacity))

    init(_ limit: RateLimit) {
        self.limit = max(1, limit.requests)
        window = max(1, limit.window.wholeMilliseconds) * 1000
        interval = max(1, window / Int64(self.limit))
    }

    func ask(_ caller: String, at time: Timestamp) -> Verdict {
        let now = time.milliseconds * 1000
        return callers.withLock { callers in
            let back = max(callers[caller] ?? now, now) + interval
            let early = back - window - now
            guard early <= 0 else {
                return Verdict(isAllowed: false, limit: limit, remaining: 0, seconds: Self.seconds(early))
            }
            callers[caller] = back
            let remaining = Int((window - (back - now)) / interval)
            return Verdict(isAllowed: true, limit: limit, remaining: remaining, seconds: Self.seconds(back - now))
        }
    }

    private static func seconds(_ microseconds: Int64) -> Int64 { (microseconds + 999_999) / 1_000_000 }
}
