import SQLCore
import SagaChoreography
import SagaSQL
import Synchronization

/// Delivers the outbox of one database the way a bad network would: late, in any order, several times, all of it decided by a
/// seed. What was handed over and never acknowledged is handed over again.
public final class UnreliableTransport: EventTransport {
    /// How bad the network is.
    public struct Faults: Sendable {
        /// Chance, in percent, that a group receives an event a second time.
        public var duplicates: Int
        /// Longest delay of a delivery; each gets a random one up to this.
        public var longestDelay: Duration

        /// Faults of the network, see ``duplicates`` (percent) and ``longestDelay``.
        public init(duplicates: Int, longestDelay: Duration) {
            self.duplicates = duplicates
            self.longestDelay = longestDelay
        }

        /// In order, once, at once.
        public static let none = Faults(duplicates: 0, longestDelay: .zero)
    }

    private struct Pending {
        let delivery: Delivery
        let dueAt: Timestamp
        /// Distinguishes the copies of a duplicated delivery.
        let copy: Int
    }

    private struct State {
        var lastSeen: Int64 = 0
        var pending: [ServiceID: [Pending]] = [:]
    }

    private let database: any SQLDatabase
    private let subscriptions: [ServiceID: Set<EventType>]
    private let clock: any SagaClock
    private let random: SeededRandom
    private let faults: Faults
    private let state = Mutex(State())

    /// A transport for `participants` on one database; two with the same seed, clock and outbox do the same.
    public init(
        _ database: any SQLDatabase, participants: [SQLParticipant], clock: any SagaClock, random: SeededRandom,
        faults: Faults
    ) {
        self.database = database
        self.clock = clock
        self.random = random
        self.faults = faults
        subscriptions = Dictionary(uniqueKeysWithValues: participants.map { ($0.service, $0.subscriptions) })
    }

    /// See ``EventTransport``; throws ``SagaFault`` `.unavailable` or the store's error.
    public func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        try await takeNewRows()
        let now = clock.now()
        return state.withLock { state in
            var due = (state.pending[group] ?? []).filter {
                $0.dueAt <= now && types.contains($0.delivery.envelope.type)
            }
            if faults.longestDelay > .zero { shuffle(&due) }
            return due.prefix(limit).map(\.delivery)
        }
    }

    /// See ``EventTransport``: the part inside the consumer's transaction.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {
    }

    /// See ``EventTransport``: the part after the commit.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        state.withLock { state in
            for delivery in deliveries {
                let index = state.pending[group]?.firstIndex { $0.delivery.position == delivery.position }
                if let index { state.pending[group]?.remove(at: index) }
            }
        }
    }

    /// When the next delivery is due, for a scheduler that moves the clock.
    public var nextDueAt: Timestamp? {
        state.withLock { state in state.pending.values.flatMap { $0 }.map(\.dueAt).min() }
    }

    /// Deliveries not acknowledged yet.
    public var pendingCount: Int { state.withLock { $0.pending.values.reduce(0) { $0 + $1.count } } }

    private func takeNewRows() async throws {
        let after = state.withLock { $0.lastSeen }
        let rows = try await database.read { try OutboxReader.deliveries(after: after, in: $0) }
        state.withLock { state in
            for row in rows where row.position > state.lastSeen {
                state.lastSeen = row.position
                for (group, types) in subscriptions.sorted(by: { $0.key < $1.key })
                where types.contains(row.envelope.type) {
                    let copies = random.chance(faults.duplicates) ? 2 : 1
                    for copy in 0..<copies {
                        state.pending[group, default: []].append(
                            Pending(delivery: row, dueAt: clock.now() + delay(), copy: copy))
                    }
                }
            }
        }
    }

    private func delay() -> Duration {
        let longest = Int(faults.longestDelay.wholeMilliseconds)
        return longest == 0 ? .zero : .milliseconds(random.below(longest + 1))
    }

    private func shuffle(_ pending: inout [Pending]) {
        for index in pending.indices.dropLast() {
            pending.swapAt(index, index + random.below(pending.count - index))
        }
    }
}
