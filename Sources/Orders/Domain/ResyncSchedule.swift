import SagaChoreography

/// When an order that does not settle is sent again: 30 s after its last progress, then after 60, 120, 240, and every 300 s.
struct ResyncSchedule: Sendable, Hashable {
    /// How often since the last progress.
    var count: Int
    /// When last; `nil` if never.
    var resyncedAt: Timestamp?

    static let first: Duration = .seconds(30)

    /// The pause that follows the `count`th resync (0: the order's last progress).
    static func pause(after count: Int) -> Duration {
        switch count {
        case ...0: first
        case 1: .seconds(60)
        case 2: .seconds(120)
        case 3: .seconds(240)
        default: .seconds(300)
        }
    }

    /// Resyncs since `progressedAt`; what was done before that does not count.
    func count(since progressedAt: Timestamp) -> Int {
        guard let resyncedAt, progressedAt <= resyncedAt else { return 0 }
        return count
    }

    /// When the next resync is due.
    func dueAt(progressedAt: Timestamp) -> Timestamp {
        let count = count(since: progressedAt)
        let start = count == 0 ? progressedAt : resyncedAt ?? progressedAt
        return start + Self.pause(after: count)
    }
}
