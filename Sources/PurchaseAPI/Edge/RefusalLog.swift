import FoundationEssentials
import SagaChoreography
import Synchronization

/// Decides which refused requests get an audit row of their own: one a minute for the same caller, route and reason; the next
/// row says how many there were in between. A stranger cannot fill the disk.
final class RefusalLog: Sendable {
    private static let interval = Duration.seconds(60)
    private static let capacity = 10_000

    struct Key: Hashable {
        let address: String?
        let actor: UUID?
        let reason: String
        let route: String
    }

    private struct Entry {
        var since: Timestamp
        var suppressed: Int
    }

    private let entries = Mutex(RecentlySeen<Key, Entry>(capacity: capacity))

    /// - Returns: how many refusals like this one were not recorded since the last row; `nil` if this one is not either.
    func admit(_ key: Key, at now: Timestamp) -> Int? {
        entries.withLock { entries in
            guard var entry = entries[key], now - entry.since < Self.interval else {
                let suppressed = entries[key]?.suppressed ?? 0
                entries[key] = Entry(since: now, suppressed: 0)
                return suppressed
            }
            entry.suppressed += 1
            entries[key] = entry
            return nil
        }
    }
}
