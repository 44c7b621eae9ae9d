import SQLCore
import SagaChoreography
import Synchronization

/// What was appended to the outbox and acknowledged in it since this process began, in memory: consumers that keep up need
/// not read the table, nor the data of events that were sealed a moment ago.
///
/// The table is the truth. Each group's queue says from which position on it is complete; a group that is not there yet, or was
/// too slow for the queue's bound, reads the table.
final class RecentEvents: Sendable {
    /// Events that wait for one group, in order of their positions.
    fileprivate struct Queue {
        let types: Set<EventType>
        /// Every committed event behind this position, if the group subscribes to it, is in ``waiting``.
        var completeAfter: Int64
        /// How far the group has come, as far as this process knows.
        var position: Int64 = 0
        var waiting: ArraySlice<Delivery> = []
    }

    private struct State {
        var queues: [Queue] = []
        /// Where in ``queues`` each group's is.
        var places: [ServiceID: Int] = [:]
        /// Which of ``queues`` wait for a type.
        var subscribers: [EventType: [Int]] = [:]
        /// The last position that was appended; `nil` before the first.
        var last: Int64?
    }

    private let bound: Int
    private let state = Mutex(State())

    /// - Parameter bound: how many events wait for one group at most.
    init(bound: Int = 16_384) { self.bound = bound }

    /// Takes what a database's transactions announce.
    func hear(_ news: CommitNews) {
        state.withLock { state in
            switch news {
            case .uncertain: state = State()
            case .committed(let announcements):
                for announcement in announcements {
                    switch announcement {
                    case let appended as Outbox.Appended: append(appended.deliveries, to: &state)
                    case let acknowledged as EmbeddedTransport.Acknowledged:
                        guard let place = state.places[acknowledged.group] else { break }
                        state.queues[place].acknowledge(upTo: acknowledged.position)
                    default: break
                    }
                }
            }
        }
    }

    /// The next events for a group, if memory has all of them; `nil` if the table has to be asked.
    ///
    /// - Parameter known: a position up to which the table holds nothing for the group.
    func next(for group: ServiceID, types: Set<EventType>, limit: Int, known: Int64) -> ArraySlice<Delivery>? {
        state.withLock { state in
            guard let place = state.places[group] else {
                if let last = state.last { subscribe(group, to: types, after: last, in: &state) }
                return nil
            }
            precondition(state.queues[place].types == types, "\(group) receives other types than before")
            guard max(state.queues[place].position, known) >= state.queues[place].completeAfter else { return nil }
            return state.queues[place].waiting.prefix(limit)
        }
    }

    /// Whether something has waited for a group for longer than `age`, or more waits for it than is kept here.
    ///
    /// - Parameter known: for each group a position up to which the table holds nothing for it.
    func isBehind(by age: Duration, at now: Timestamp, known: [ServiceID: Int64]) -> Bool {
        state.withLock { state in
            state.places.contains { group, place in
                let queue = state.queues[place]
                if max(queue.position, known[group] ?? 0) < queue.completeAfter { return true }
                return queue.waiting.first.map { now - $0.envelope.time > age } ?? false
            }
        }
    }

    private func subscribe(_ group: ServiceID, to types: Set<EventType>, after last: Int64, in state: inout State) {
        let place = state.queues.count
        state.queues.append(Queue(types: types, completeAfter: last))
        state.places[group] = place
        for type in types { state.subscribers[type, default: []].append(place) }
    }

    private func append(_ deliveries: [Delivery], to state: inout State) {
        for delivery in deliveries {
            for place in state.subscribers[delivery.envelope.type] ?? [] {
                state.queues[place].add(delivery, bound: bound)
            }
        }
        if let last = deliveries.last { state.last = last.position }
    }
}

extension RecentEvents.Queue {
    fileprivate mutating func add(_ delivery: Delivery, bound: Int) {
        waiting.append(delivery)
        while waiting.count > bound, let dropped = waiting.popFirst() { completeAfter = dropped.position }
    }

    fileprivate mutating func acknowledge(upTo position: Int64) {
        self.position = max(self.position, position)
        let handled = waiting.prefix { $0.position <= self.position }.count
        waiting.removeFirst(handled)
        // A slice keeps what it was cut from: start anew now and then.
        if waiting.startIndex > 2 * waiting.count + 1024 { waiting = ArraySlice(Array(waiting)) }
    }
}
