import SQLCore
import SagaChoreography
import Synchronization

/// Takes new orders as long as not too many are under way: a waiting line that grows without end makes every order late, and each one
/// that waits costs those before it time. Whoever is refused is told so at once, and nothing of his order exists.
///
/// Orders long past their deadline do not count: what hangs on something broken must not keep a shop closed. Until then they do, for
/// they are being undone, which is as much work as the order was, and work that the next ones wait behind. The number is that of the last
/// look, at most a second old, and what this process took since; other processes on the same tables are seen with the next look.
public final class OrderIntake: Sendable {
    private struct State {
        var lookedAt: Timestamp?
        var isLooking = false
        var underWay = 0
    }

    /// How many orders may be under way.
    public let limit: Int
    /// How long after its deadline an order still counts.
    static let grace: Duration = .seconds(300)

    private let pause: Duration = .seconds(1)
    private let state = Mutex(State())

    /// An intake that has not looked yet.
    public init(limit: Int) { self.limit = limit }

    /// Counts what is under way, if the last look is too long ago; one caller at a time, the others do not wait for it.
    ///
    /// - Throws: ``SQLError``.
    public func look(in database: any SQLDatabase, at now: Timestamp) async throws {
        guard begin(at: now) else { return }
        let limit = limit
        do {
            let count = try await database.read {
                try OrderStore($0).underWay(dueAfter: now + Self.grace * -1, atMost: limit)
            }
            state.withLock { $0 = State(lookedAt: now, isLooking: false, underWay: count) }
        } catch {
            state.withLock { $0.isLooking = false }
            throw error
        }
    }

    private func begin(at now: Timestamp) -> Bool {
        state.withLock { state in
            guard !state.isLooking else { return false }
            if let last = state.lookedAt, now >= last, now < last + pause { return false }
            state.isLooking = true
            return true
        }
    }

    /// Whether one more is taken; then it counts.
    func admit() -> Bool {
        state.withLock { state in
            guard state.underWay < limit else { return false }
            state.underWay += 1
            return true
        }
    }
}
