import SQLCore
import SagaChoreography
import Synchronization

/// Carries events inside one process, behind an ``OutboxRelay``: for one process on a database whose outbox positions say nothing
/// about the order of commits (PostgreSQL).
///
/// It holds nothing that the outbox does not: it begins empty with a new generation, whereupon the relay sends everything again
/// that was not acknowledged.
public final class InProcessBroker: EventPublisher, EventTransport {
    /// A transaction of the SQL port.
    public typealias Transaction = any SQLTransaction

    private struct State {
        var last: Int64 = 0
        /// What waits for each group, in order; it stays until it is acknowledged.
        var waiting: [ServiceID: ArraySlice<Delivery>] = [:]
        /// How many groups have yet to acknowledge an entry; entries that all have are missing.
        var open: [Int64: Int] = [:]
    }

    private let name: String
    private let subscribers: [EventType: [ServiceID]]
    private let state = Mutex(State())
    private let listeners = Mutex<[ServiceID: [@Sendable (Set<EventType>) -> Void]]>([:])

    /// A broker that knows who subscribes to what.
    ///
    /// - Parameter generation: differs from that of any other broker on the same database, earlier processes' included.
    public init(_ participants: [SQLParticipant], generation: String) {
        name = generation
        var subscribers: [EventType: [ServiceID]] = [:]
        for participant in participants {
            for type in participant.subscriptions { subscribers[type, default: []].append(participant.service) }
        }
        self.subscribers = subscribers
    }

    /// Deliveries that wait for a group or are being handled by it.
    public func backlog(of group: ServiceID) -> Int { state.withLock { $0.waiting[group]?.count ?? 0 } }

    /// When the oldest of them was emitted; `nil` if none waits.
    public func oldest(of group: ServiceID) -> Timestamp? {
        state.withLock { $0.waiting[group]?.first?.envelope.time }
    }

    // MARK: EventPublisher

    /// See ``EventPublisher``: the same as long as this object lives.
    public func generation() async throws -> String { name }

    /// See ``EventPublisher``.
    public func publish(_ envelopes: [Envelope]) async throws -> [Receipt] {
        var reached: [ServiceID: Set<EventType>] = [:]
        let receipts = state.withLock { state in
            envelopes.map { envelope in
                state.last += 1
                let groups = subscribers[envelope.type] ?? []
                if !groups.isEmpty { state.open[state.last] = groups.count }
                for group in groups {
                    reached[group, default: []].insert(envelope.type)
                    state.waiting[group, default: []].append(Delivery(envelope: envelope, position: state.last))
                }
                return receipt(for: state.last)
            }
        }
        let listeners = listeners.withLock { $0 }
        for (group, types) in reached {
            for body in listeners[group] ?? [] { body(types) }
        }
        return receipts
    }

    /// See ``EventPublisher``.
    public func acknowledged(_ receipts: [Receipt]) async throws -> Set<Receipt> {
        state.withLock { state in
            Set(receipts.filter { position(of: $0, in: state).map { state.open[$0] == nil } ?? false })
        }
    }

    /// See ``EventPublisher``.
    public func held(_ receipts: [Receipt]) async throws -> Set<Receipt> {
        state.withLock { state in
            Set(receipts.filter { position(of: $0, in: state).map { state.open[$0] != nil } ?? false })
        }
    }

    private func position(of receipt: Receipt, in state: State) -> Int64? {
        guard receipt.scope == name, let position = Int64(exactly: receipt.numbers.first), position <= state.last else {
            return nil
        }
        return position
    }

    private func receipt(for position: Int64) -> Receipt { Receipt(name, .init(UInt64(position))) }

    // MARK: EventTransport

    /// See ``EventTransport``; one consumer a group.
    public func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        state.withLock { Array(($0.waiting[group] ?? []).prefix(limit)) }
    }

    /// See ``EventTransport``: the part inside the consumer's transaction; nothing.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {
    }

    /// See ``EventTransport``: the part after the commit.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        let positions = Set(deliveries.map(\.position))
        state.withLock { state in
            guard var waiting = state.waiting[group] else { return }
            // Mostly what was received is acknowledged at once: the first so many.
            let first = waiting.prefix { positions.contains($0.position) }
            var done = first.map(\.position)
            waiting.removeFirst(first.count)
            if done.count < positions.count {
                done += waiting.lazy.filter { positions.contains($0.position) }.map(\.position)
                waiting.removeAll { positions.contains($0.position) }
            }
            // A slice keeps what it was cut from: start anew now and then.
            if waiting.startIndex > 2 * waiting.count + 1024 { waiting = ArraySlice(Array(waiting)) }
            state.waiting[group] = waiting
            for position in done {
                guard let open = state.open[position] else { continue }
                state.open[position] = open > 1 ? open - 1 : nil
            }
        }
    }
}

extension InProcessBroker: EventArrivals {
    /// See ``EventArrivals``.
    public func onArrival(for group: ServiceID, _ body: @escaping @Sendable (Set<EventType>) -> Void) {
        listeners.withLock { $0[group, default: []].append(body) }
    }
}
