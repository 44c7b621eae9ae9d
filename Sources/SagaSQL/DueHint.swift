import SagaChoreography
import Synchronization

/// When a worker over rows that become due has to look at them again: each look costs the database something, and whoever waits for a
/// far deadline need not look because another row came.
///
/// A hint only: the rows decide. A row that came since the last look may be due before all that were seen then, so the next look is a
/// second after the last one at the latest, if anything came, unless the worker rests.
public final class DueHint: Sendable {
    private static let longest = Duration.seconds(1)

    private let last = Mutex<(at: Timestamp, next: Timestamp)?>(nil)
    private let rest = Mutex<Range<Timestamp>?>(nil)

    /// A hint of nothing: the first look is at once.
    public init() {}

    /// When to look next; `nil` if that is now.
    public func nextLook(at now: Timestamp) -> Timestamp? {
        if let rest = rest.withLock({ $0 }), rest.contains(now) { return rest.upperBound }
        return last.withLock { last in
            guard let last, now >= last.at, now < min(last.next, last.at + Self.longest) else { return nil }
            return min(last.next, last.at + Self.longest)
        }
    }

    /// Looks no sooner than after a pause, whatever comes meanwhile.
    public func rest(for pause: Duration, from now: Timestamp) { rest.withLock { $0 = now..<now + pause } }

    /// Notes a look.
    ///
    /// - Parameter next: when the first of the rows is due; `nil`: there is none, so any that comes may be the first.
    public func looked(at now: Timestamp, next: Timestamp?) {
        last.withLock { $0 = next.map { (now, $0) } }
    }
}
