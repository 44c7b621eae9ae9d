import Synchronization

/// When a consumer must look for due retries: they are rare, and a look costs as much as a small batch.
///
/// A hint only: the rows decide. Another instance of the same group may have kept a message meanwhile, so there is a look at
/// least once in ``longest`` while the consumer is polled.
final class RetryAlarm: Sendable {
    private static let longest = Duration.seconds(1)

    private struct State {
        var lookedAt: Timestamp?
        var next: Timestamp?
    }

    private let state = Mutex(State())

    /// When the next retry is due, as far as was seen.
    var nextDueAt: Timestamp? { state.withLock { $0.next } }

    func isTime(_ now: Timestamp) -> Bool {
        state.withLock { state in
            guard let lookedAt = state.lookedAt else { return true }
            return now < lookedAt || now - lookedAt >= Self.longest || state.next.map { $0 <= now } ?? false
        }
    }

    func looked(at now: Timestamp, next: Timestamp?) {
        state.withLock { $0 = State(lookedAt: now, next: next) }
    }

    /// Something was kept: look at the next poll.
    func ring() { state.withLock { $0.lookedAt = nil } }
}
