import Foundation
import PurchaseAPI
import SagaChoreography
import Synchronization

/// Watches orders that any process may change: this one's commits are heard of at once, the others' are looked for.
struct DistantWatch: OrderWatching {
    let feed: CommitFeed
    /// After which silence to look first; each time twice as long, but not longer than a second.
    let first: Duration

    func changes(of subject: UUID) -> AsyncStream<Void> { ticking(feed.changes(of: subject)) }

    func handled(by service: ServiceID) -> AsyncStream<Void> { ticking(feed.handled(by: service)) }

    /// An element for each of `changes`, and one after each silence.
    private func ticking(_ changes: AsyncStream<Void>) -> AsyncStream<Void> {
        let pause = Pause(first)
        return AsyncStream {
            let interval = pause.next()
            return await withTaskGroup(of: Bool.self) { group in
                group.addTask { await changes.first { _ in true } != nil }
                group.addTask {
                    do { try await Task.sleep(for: interval) } catch { return false }  // nobody waits any more
                    return true
                }
                let goesOn = await group.next() ?? false
                group.cancelAll()
                return goesOn || !Task.isCancelled ? () : nil
            }
        }
    }

    private final class Pause: Sendable {
        private let length: Mutex<Duration>

        init(_ first: Duration) { length = Mutex(first) }

        func next() -> Duration {
            length.withLock { length in
                defer { length = min(length * 2, .seconds(1)) }
                return length
            }
        }
    }
}
