import FoundationEssentials
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
        let event: UUID
        var receipt: Receipt
        /// When it was sent.
        let since: Timestamp
        /// When it was sent, or last seen in the transport.
        var at: Timestamp
    }

    /// A row that nobody needs any more, once its sagas are settled.
    struct Acknowledged: Sendable {
        let row: OutboxRow
        /// When to try to delete it.
        var dueAt: Timestamp
        /// How often that was tried.
        var tries = 0
        /// Whether its sagas are known to be over.
        var isClosed = false
    }

    private let bound: Int
    let clock: any SagaClock
    let state: Mutex<State>

    /// - Parameters:
    ///   - database: what its transactions put into the outbox is heard at once.
    ///   - bound: how many events wait here at most, and a tenth of how many rows are known; what is beyond stays in the table
    ///     until there is room.
    public convenience init(of database: any SQLDatabase, clock: any SagaClock, bound: Int = 50_000) {
        self.init(database.dialect.outbox, clock: clock, bound: bound)
        database.listen { [weak self] in self?.hear($0) }
    }

    /// One that hears nothing by itself.
    init(_ table: any OutboxTable, clock: any SagaClock, bound: Int = 50_000) {
        self.bound = bound
        self.clock = clock
        state = Mutex(State(table))
    }

    /// Whether something has waited for longer than `age` to be sent or to be acknowledged by everybody: the transport is away, or a
    /// consumer, or one of them is slow.
    public func isBehind(by age: Duration) -> Bool {
        let now = clock.now()
        return state.withLock { state in
            // What is refused by itself keeps nobody else waiting, and is not counted.
            [
                state.sendingSince, state.waiting.first?.since, state.sent.first?.since, state.doubtful.first?.since,
                state.missingFrom == nil ? nil : state.missingSince,
            ].contains { $0.map { now - $0 > age } ?? false }
        }
    }

    /// How many events wait to be sent or are being sent, and since when the oldest does.
    public var backlog: (count: Int, since: Timestamp?) {
        state.withLock { state in
            let since = [state.sendingSince, state.waiting.first?.since, state.refused.map(\.since).min()]
                .compactMap { $0 }.min()
            let gone = state.sent.count + state.doubtful.count + state.places.acknowledgedCount
            return (state.places.count - gone, since)
        }
    }

    // MARK: Coming in

    /// Takes what a database's transactions announce.
    func hear(_ news: CommitNews) {
        let now = clock.now()
        state.withLock { state in
            guard case .committed(let announcements) = news else {
                state.miss(from: 0, at: now)
                return
            }
            for announcement in announcements {
                switch announcement {
                case let appended as Outbox.Appended: state.hear(appended.deliveries, bound: bound, at: now)
                case let requeued as Outbox.Requeued: state.forget(Set(requeued.replaced))
                default: break
                }
            }
            // What a transaction emits as it closes a saga is over with it.
            for case let closed as Outbox.Closed in announcements {
                state.sagas.close(closed.subjects, of: closed.service)
            }
        }
    }

    /// The table may have rows from `position` on that are not here.
    func miss(from position: Int64) {
        let now = clock.now()
        state.withLock { $0.miss(from: position, at: now) }
    }

    /// Where to look for rows that are not here, if there is room for them; whoever asks must look.
    func takeMissing() -> Int64? {
        state.withLock { state in
            guard state.hasRoom(bound / 2), let from = state.missingFrom else { return nil }
            state.missingFrom = nil
            return from
        }
    }

    /// Takes rows from the table.
    func add(_ deliveries: [Delivery]) {
        let now = clock.now()
        state.withLock { state in
            state.add(deliveries, bound: .max / 16, at: now)
            if state.missingFrom == nil { state.missingSince = nil }
        }
    }

    /// The lowest of these positions that is not here.
    ///
    /// - Parameter rows: the positions of each row, in order.
    func firstMissing(of rows: [Range<Int64>]) -> Int64? {
        state.withLock { state in rows.lazy.joined().first { state.places[$0] == nil } }
    }

    // MARK: Going out

    /// Whether nothing waits to be sent.
    var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

    /// How many wait to be sent, those that are refused apart.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Takes the oldest ones that wait, to be noted as sent or given back; one caller at a time.
    func take(_ limit: Int) -> [Delivery] {
        let now = clock.now()
        return state.withLock { state in
            state.admitRefused(at: now)
            let taken = state.waiting.prefix(limit)
            // What was refused before waits for itself only.
            state.sendingSince = taken.first { state.pauses[$0.delivery.position] == nil }?.since
            state.waiting.removeFirst(taken.count)
            // A slice keeps what it was cut from: start anew now and then.
            if state.waiting.startIndex > 2 * state.waiting.count + 1024 {
                state.waiting = ArraySlice(Array(state.waiting))
            }
            return taken.map(\.delivery)
        }
    }

    /// They could not be sent, and are the next again.
    func giveBack(_ deliveries: [Delivery]) { state.withLock { $0.giveBack(deliveries, at: clock.now()) } }

    /// They were sent.
    ///
    /// - Parameter generation: the transport's before that. If it is another one by now, they are as good as not sent.
    func note(sent deliveries: [Delivery], _ receipts: [Receipt], during generation: String?) {
        let now = clock.now()
        state.withLock { state in
            guard state.generation == generation else { return state.giveBack(deliveries, at: now) }
            state.sendingSince = nil
            for (delivery, receipt) in zip(deliveries, receipts) where state.places[delivery.position] == .waiting {
                state.move(delivery.position, to: .sent)
                state.sent.append(
                    Sent(
                        position: delivery.position, event: delivery.envelope.id, receipt: receipt, since: now, at: now)
                )
            }
        }
    }

    /// As ``note(sent:_:during:)``; what was refused waits for longer each time, and keeps nothing else waiting.
    func note(sent deliveries: [Delivery], _ results: [Result<Receipt, SagaFault>], during generation: String?) {
        var (sent, receipts, refused) = ([Delivery](), [Receipt](), [Delivery]())
        for (delivery, result) in zip(deliveries, results) {
            switch result {
            case .success(let receipt):
                sent.append(delivery)
                receipts.append(receipt)
            case .failure: refused.append(delivery)
            }
        }
        if !refused.isEmpty { state.withLock { $0.refuse(refused, at: clock.now()) } }
        note(sent: sent, receipts, during: generation)
    }

    /// How many events wait because the transport refuses them while it takes others.
    public var refusedCount: Int { state.withLock { $0.refused.count } }

    /// When the first of them is due.
    var nextRefusedDueAt: Timestamp? { state.withLock { $0.refused.map(\.dueAt).min() } }

    // MARK: Acknowledgements

    /// What was sent and is not known to be acknowledged, oldest first.
    var unacknowledged: [Sent] { state.withLock { $0.sent } }

    /// Notes which of what was sent every group has acknowledged.
    ///
    /// - Parameter pause: how long after it was sent deletion is tried first.
    func note(acknowledged: Set<Receipt>, dueAfter pause: Duration) {
        guard !acknowledged.isEmpty else { return }
        state.withLock { state in
            // Those of one row come one after another for the most part.
            var rows: [Int64: Timestamp] = [:]
            var (row, sentAt) = (Int64.min, Timestamp?.none)
            var sent: [Sent] = []
            swap(&sent, &state.sent)
            // Events that were sent together have one receipt.
            var asked: (receipt: Receipt, isAcknowledged: Bool)?
            sent.removeAll { entry in
                if asked?.receipt != entry.receipt {
                    asked = (entry.receipt, acknowledged.contains(entry.receipt))
                }
                guard asked?.isAcknowledged == true else { return false }
                state.move(entry.position, to: .acknowledged)
                if !state.repetitions.isEmpty { state.repetitions[entry.position] = nil }
                if state.places.row(of: entry.position) != row {
                    if let sentAt { rows[row] = max(rows[row] ?? sentAt, sentAt) }
                    (row, sentAt) = (state.places.row(of: entry.position), nil)
                }
                sentAt = max(sentAt ?? entry.at, entry.at)
                return true
            }
            if let sentAt { rows[row] = max(rows[row] ?? sentAt, sentAt) }
            state.sent = sent
            for (position, sentAt) in rows.sorted(by: { $0.key < $1.key }) {
                guard let row = state.acknowledgedRow(position) else { continue }
                state.acknowledged.append(Acknowledged(row: row, dueAt: sentAt + pause))
            }
        }
    }

    /// What nobody acknowledged for too long.
    ///
    /// - Parameter patience: how long, by the number of times that it was sent.
    func expired(after patience: [Duration]) -> [Sent] {
        let now = clock.now()
        return state.withLock { state in
            state.sent.filter { entry in
                let times = state.repetitions[entry.position] ?? 0
                return now - entry.at >= patience[min(times, patience.count - 1)]
            }
        }
    }

    /// Of what is expired, waits longer for what the transport holds, and sends the rest again.
    func note(expired: [Sent], held: Set<Receipt>) {
        let now = clock.now()
        state.withLock { state in
            for index in state.sent.indices where held.contains(state.sent[index].receipt) {
                state.sent[index].at = now
            }
            let lost = expired.filter { !held.contains($0.receipt) && state.places[$0.position] == .sent }
            state.sendAgain(lost, at: now)
            // What went another way in the meantime left its number here.
            if state.repetitions.count > bound { state.repetitions = [:] }
            for entry in lost { state.repetitions[entry.position, default: 0] += 1 }
        }
    }

    /// Whose sagas seem to go on may wait for so long until the database is asked: another process may have closed them.
    static let hearsay = Duration.seconds(3)

    /// Takes acknowledged rows that are due; each must be given back or forgotten.
    ///
    /// - Parameter limit: how many events they may have, unless the first has more.
    func takeDue(_ limit: Int) -> [Acknowledged] {
        let now = clock.now()
        return state.withLock { state in
            var (due, rest, events) = ([Acknowledged](), [Acknowledged](), Int64(0))
            swap(&rest, &state.acknowledged)
            rest.removeAll { row in
                guard events < limit, row.dueAt <= now else { return false }
                // Of some more was found in the table: they come again with it.
                guard state.acknowledgedRow(row.row.position) == row.row else { return true }
                let isOpen = state.sagas.isOpen(row.row.position)
                if isOpen == true, row.tries == 0, now < row.dueAt + Self.hearsay { return false }
                var taken = row
                taken.isClosed = isOpen == false
                due.append(taken)
                events += row.row.size
                return true
            }
            state.acknowledged = rest
            return due
        }
    }

    /// They are still needed.
    func giveBack(_ rows: [Acknowledged]) {
        state.withLock { state in
            state.acknowledged += rows.filter { state.acknowledgedRow($0.row.position) == $0.row }
        }
    }

    /// They are gone, or no longer this process's business.
    func forget(_ rows: [Acknowledged]) {
        state.withLock { state in
            for row in rows where state.acknowledgedRow(row.row.position) == row.row {
                state.forgetRow(row.row.position)
            }
        }
    }
}
