import SQLCore
import SagaChoreography
import SagaSQL
import Synchronization

/// A broker outside the database that lives in memory: with a relay in front of it, it behaves like a real one, losing
/// everything included.
public final class MemoryBroker: EventPublisher, EventTransport {
    private struct Entry {
        let position: Int64
        let envelope: Envelope
        /// Groups that have yet to acknowledge it.
        var open: Set<ServiceID>
    }

    private struct State {
        var generation = 1
        var last: Int64 = 0
        var entries: [Entry] = []
        var isAway = false
    }

    private let subscriptions: [ServiceID: Set<EventType>]
    private let state = Mutex(State())

    /// A broker that knows who subscribes to what.
    public init(participants: [SQLParticipant]) {
        subscriptions = Dictionary(uniqueKeysWithValues: participants.map { ($0.service, $0.subscriptions) })
    }

    /// Forgets every entry and begins a new generation, as a broker does that restarts without its data.
    public func loseEverything() {
        state.withLock { state in
            state.generation += 1
            state.entries = []
        }
    }

    /// Drops what waits for one group without an acknowledgement and without a new generation: a loss nobody tells of.
    public func loseSilently(for group: ServiceID) {
        state.withLock { state in
            state.entries.removeAll { $0.open.contains(group) }
        }
    }

    /// Makes the broker unreachable, or reachable again.
    public func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    /// Entries that some group has yet to acknowledge.
    public var openEntries: Int { state.withLock { state in state.entries.filter { !$0.open.isEmpty }.count } }

    /// See ``EventPublisher``: grows with each loss.
    public func generation() async throws -> String {
        try reach { "\($0.generation)" }
    }

    /// See ``EventPublisher``.
    public func publish(_ envelopes: [Envelope]) async throws -> [Receipt] {
        try reach { state in
            envelopes.map { envelope in
                state.last += 1
                let open = subscriptions.filter { $0.value.contains(envelope.type) }.keys
                state.entries.append(Entry(position: state.last, envelope: envelope, open: Set(open)))
                return Receipt("memory", .init(UInt64(state.last)))
            }
        }
    }

    /// See ``EventPublisher``.
    public func acknowledged(_ receipts: [Receipt]) async throws -> Set<Receipt> {
        try reach { state in
            let done = Set(state.entries.filter(\.open.isEmpty).map { Receipt("memory", .init(UInt64($0.position))) })
            return done.intersection(receipts)
        }
    }

    /// See ``EventTransport``; throws ``SagaFault`` `.unavailable` or the store's error.
    public func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        try reach { state in
            state.entries.lazy.filter { $0.open.contains(group) && types.contains($0.envelope.type) }.prefix(limit)
                .map { Delivery(envelope: $0.envelope, position: $0.position) }
        }
    }

    /// See ``EventTransport``: the part inside the consumer's transaction.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {
    }

    /// See ``EventTransport``: the part after the commit.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        try reach { state in
            let positions = Set(deliveries.map(\.position))
            for index in state.entries.indices where positions.contains(state.entries[index].position) {
                state.entries[index].open.remove(group)
            }
        }
    }

    private func reach<Result>(_ body: (inout State) -> Result) throws -> Result {
        try state.withLock { state in
            guard !state.isAway else { throw SagaFault.unavailable("the broker is away") }
            return body(&state)
        }
    }
}
