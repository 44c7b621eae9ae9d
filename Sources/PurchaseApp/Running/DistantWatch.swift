import FoundationEssentials
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import Synchronization

/// Looks for what other processes changed of the orders that somebody watches here: one question for all of them, however many wait.
/// This process's own commits are heard of at once, without it.
struct DistantWatch: Activity {
    let name = "api.distant-watch"
    var wakesOn: Set<EventType> { [] }

    let feed: CommitFeed
    let database: any SQLDatabase
    let clock: any SagaClock
    /// The pause between two looks, at least.
    let interval: Duration
    private let seen = Seen()

    /// The last known change of each watched order.
    private final class Seen: Sendable {
        private let changes = Mutex<[OrderID: Int64?]>([:])

        /// Takes what was found instead of what was known.
        ///
        /// - Returns: the orders that have changed. One that is seen for the first time has if it ever did: whoever watches it may
        ///   have looked before that.
        func replace(with found: [OrderID: Int64?]) -> [OrderID] {
            changes.withLock { changes in
                defer { changes = found }
                return found.filter { id, change in (changes[id] ?? nil) != change }.map(\.key)
            }
        }
    }

    init(_ feed: CommitFeed, on database: any SQLDatabase, clock: any SagaClock, interval: Duration) {
        self.feed = feed
        self.database = database
        self.clock = clock
        self.interval = interval
    }

    func poll() async throws -> Progress {
        if feed.isHandlingWatched { feed.mayBeHandledElsewhere() }
        let watched = feed.watched.map { OrderID($0) }
        var found: [OrderID: Int64?] = [:]
        for part in BoundedList.parts(of: watched) {
            found.merge(try await database.read { try OrderQueries($0).lastChanges(of: part) }) { $1 }
        }
        feed.changedElsewhere(seen.replace(with: found).map(\.uuid))
        // A look costs by the number of orders: with many, looks are rarer.
        return .idle(wakeAt: clock.now() + interval + .microseconds(100 * watched.count))
    }
}
