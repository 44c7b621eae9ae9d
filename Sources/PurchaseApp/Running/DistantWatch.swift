import Foundation
import PurchaseAPI
import SagaChoreography

/// Watches orders that any process may change: this one's commits are heard of at once, the others' are looked for.
struct DistantWatch: OrderWatching {
    let feed: CommitFeed
    /// How often to look while somebody waits.
    var interval = Duration.milliseconds(100)

    func changes(of subject: UUID) -> AsyncStream<Void> { ticking(feed.changes(of: subject)) }

    func handled(by service: ServiceID) -> AsyncStream<Void> { ticking(feed.handled(by: service)) }

    /// An element for each of `changes`, and one after each interval without.
    private func ticking(_ changes: AsyncStream<Void>) -> AsyncStream<Void> {
        let interval = interval
        return AsyncStream {
            await withTaskGroup(of: Bool.self) { group in
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
}
