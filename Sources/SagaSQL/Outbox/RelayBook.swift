import SQLCore
import SagaChoreography
import Synchronization

/// What a process knows of its own outbox rows without asking the table: which wait to be sent, which were sent, and which every
/// group has acknowledged. The table is the truth: whatever is missing here is found there.
///
/// A row is written once and deleted once; what happens to it in between is noted only here, and costs the database nothing.
public final class RelayBook: Sendable {
    /// An entry that the transport has.
    struct Sent: Sendable {
        let position: Int64
        let receipt: Receipt
        let at: Timestamp
    }

    /// A row that nobody needs any more, once its saga is settled.
    struct Acknowledged: Sendable {
        let position: Int64
        /// When to try to delete it.
        var dueAt: Timestamp
        /// How often that was tried.
        var tries = 0
    }

    fileprivate enum Place { case waiting, sent, acknowledged }

    fileprivate struct State {
        var waiting: ArraySlice<Delivery> = []
        var sent: [Sent] = []
        var acknowledged: [Acknowledged] = []
        /// Everything that the three hold.
        var places: [Int64: Place] = [:]
        /// How often a row was sent, for those that were sent more than once.
        var repetitions: [Int64: Int] = [:]
        /// The table may have rows of this process from here on that are not in this book.
        var missingFrom: Int64? = 0
        /// Of the transport, when it was last asked.
        var generation: String?
        /// When last nothing waited.
        var wasEmptyAt: Timestamp?
    }

    private let bound: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - database: what its transactions put into the outbox is heard at once.
    ///   - bound: how many events are held at most; what is beyond stays in the table until there is room.
    public init(of database: any SQLDatabase, bound: Int = 50_000) {
        self.bound = bound
        database.listen { [weak self] in self?.hear($0) }
    }

    /// Whether events have waited for longer than `age` without a break: the transport is away, or slower than its producers.
    public func isBehind(by age: Duration, at now: Timestamp) -> Bool {
        state.withLock { state in
            guard !state.waiting.isEmpty, let last = state.wasEmptyAt else { return false }
            return now - last > age
        }
    }

    // MARK: Coming in

    /// Takes what a database's transactions announce.
    private func hear(_ news: CommitNews) {
        state.withLock { state in
            guard case .committed(let announcements) = news else {
                state.miss(from: 0)
                return
            }
            for announcement in announcements {
                switch announcement {
                case let appended as Outbox.Appended: state.add(appended.deliveries, bound: bound)
                case let requeued as Outbox.Requeued: state.forget(Set(requeued.replaced))
                default: break
                }
            }
        }
    }

    /// The table may have rows from `position` on that are not here.
    func miss(from position: Int64) { state.withLock { $0.miss(from: position) } }

    /// Where to look for rows that are not here, if there is room for them; whoever asks must look.
    func takeMissing() -> Int64? {
        state.withLock { state in
            guard state.places.count < bound / 2, let from = state.missingFrom else { return nil }
            state.missingFrom = nil
            return from
        }
    }

    /// Takes rows from the table.
    func add(_ deliveries: [Delivery]) { state.withLock { $0.add(deliveries, bound: .max) } }

    /// The lowest of these positions that is not here.
    func firstMissing(of positions: [Int64]) -> Int64? {
        state.withLock { state in positions.filter { state.places[$0] == nil }.min() }
    }

    // MARK: Going out

    /// Takes the oldest ones that wait.
    func take(_ limit: Int) -> [Delivery] {
        state.withLock { state in
            let taken = state.waiting.prefix(limit)
            state.waiting.removeFirst(taken.count)
            // A slice keeps what it was cut from: start anew now and then.
            if state.waiting.startIndex > 2 * state.waiting.count + 1024 {
                state.waiting = ArraySlice(Array(state.waiting))
            }
            return Array(taken)
        }
    }

    /// They could not be sent, and are the next again.
    func giveBack(_ deliveries: [Delivery]) {
        state.withLock { state in
            let still = deliveries.filter { state.places[$0.position] == .waiting }
            state.waiting = still + state.waiting
        }
    }

    /// They were sent.
    func note(_ sent: [Sent], at now: Timestamp) {
        state.withLock { state in
            for entry in sent where state.places[entry.position] == .waiting {
                state.places[entry.position] = .sent
                state.sent.append(entry)
            }
            if state.waiting.isEmpty { state.wasEmptyAt = now }
        }
    }

    /// Nothing waits.
    func noteEmpty(at now: Timestamp) {
        state.withLock { state in
            if state.waiting.isEmpty { state.wasEmptyAt = now }
        }
    }

    // MARK: Acknowledgements

    /// What was sent and is not known to be acknowledged, oldest first.
    var unacknowledged: [Sent] { state.withLock { $0.sent } }

    /// Notes which of `asked` every group has acknowledged, and which have waited for that for too long: those are sent again.
    ///
    /// - Parameter patience: how long, by the number of times that it was sent.
    func note(
        acknowledged: Set<Receipt>, of asked: [Sent], at now: Timestamp, dueAfter pause: Duration,
        patience: [Duration]
    ) {
        state.withLock { state in
            var gone: Set<Int64> = []
            for entry in asked where state.places[entry.position] == .sent {
                if acknowledged.contains(entry.receipt) {
                    gone.insert(entry.position)
                    state.places[entry.position] = .acknowledged
                    state.repetitions[entry.position] = nil
                    state.acknowledged.append(Acknowledged(position: entry.position, dueAt: entry.at + pause))
                    continue
                }
                let times = state.repetitions[entry.position] ?? 0
                guard now - entry.at >= patience[min(times, patience.count - 1)] else { continue }
                gone.insert(entry.position)
                state.places[entry.position] = nil
                state.repetitions[entry.position] = times + 1
                state.miss(from: entry.position)
            }
            if !gone.isEmpty { state.sent.removeAll { gone.contains($0.position) } }
        }
    }

    /// Whether the transport's generation is known.
    var knowsGeneration: Bool { state.withLock { $0.generation != nil } }

    /// Notes the transport's generation. If it is another than before, the transport forgot everything: what was sent and is not
    /// known to be acknowledged is sent again.
    func note(generation: String) {
        state.withLock { state in
            let known = state.generation
            state.generation = generation
            guard let known, known != generation else { return }
            for entry in state.sent {
                state.places[entry.position] = nil
                state.miss(from: entry.position)
            }
            state.sent = []
        }
    }

    /// Takes acknowledged rows that are due; each must be given back or forgotten.
    func takeDue(_ limit: Int, at now: Timestamp) -> [Acknowledged] {
        state.withLock { state in
            var due: [Acknowledged] = []
            state.acknowledged.removeAll { row in
                guard due.count < limit, row.dueAt <= now else { return false }
                due.append(row)
                return true
            }
            return due
        }
    }

    /// They are still needed.
    func giveBack(_ rows: [Acknowledged]) {
        state.withLock { state in
            state.acknowledged += rows.filter { state.places[$0.position] == .acknowledged }
        }
    }

    /// They are gone, or no longer this process's business.
    func forget(_ rows: [Acknowledged]) {
        state.withLock { state in
            for row in rows where state.places[row.position] == .acknowledged { state.places[row.position] = nil }
        }
    }
}

extension RelayBook.State {
    mutating func miss(from position: Int64) { missingFrom = min(missingFrom ?? position, position) }

    mutating func add(_ deliveries: [Delivery], bound: Int) {
        for delivery in deliveries where places[delivery.position] == nil {
            guard places.count < bound else {
                miss(from: delivery.position)
                continue
            }
            places[delivery.position] = .waiting
            waiting.append(delivery)
        }
    }

    /// Rows with these positions do not exist any more.
    mutating func forget(_ positions: Set<Int64>) {
        guard positions.contains(where: { places[$0] != nil }) else { return }
        for position in positions { places[position] = nil }
        waiting.removeAll { positions.contains($0.position) }
        sent.removeAll { positions.contains($0.position) }
        acknowledged.removeAll { positions.contains($0.position) }
    }
}
