import FoundationEssentials
import SQLCore
import SagaChoreography
import Synchronization

/// Carries the outbox to a transport outside the database. ``OutboxAcknowledgements`` deletes what arrived everywhere.
///
/// Each row has one relay: that of the process whose transaction wrote it, or which took it over (``OutboxAdoption``). It sends from
/// memory and writes nothing; the table is read for what the memory does not have.
///
/// The embedded transport needs none of this: there the rows are the transport.
public final class OutboxRelay: Activity {
    /// `saga.outbox-relay`.
    public let name = "saga.outbox-relay"
    /// Every type that the participants subscribe to.
    public let wakesOn: Set<EventType>
    /// What waits and what was sent.
    public let book: RelayBook

    private let database: any SQLDatabase
    private let publisher: any EventPublisher
    private let clock: any SagaClock
    /// Which rows it sends.
    public let ownership: Ownership
    private let batch: Int
    private let interval: Duration
    private let local: (any LocalDelivery)?
    private let comparedAt = Mutex<Timestamp?>(nil)
    private let sentAt = Mutex<Timestamp?>(nil)

    /// How long what everybody here has got already may wait for more: what is sent together costs less, in Redis and in everybody who
    /// reads it there.
    static let leisure = Duration.milliseconds(100)

    /// Which rows a relay answers for.
    public enum Ownership: Sendable, Hashable {
        /// Every row: no other process has a relay on these tables.
        case everything
        /// Those with this number in `relay`: what transactions of its database object wrote, and what it took over.
        case own(Int64)
    }

    /// A relay for what the transactions of `database` write.
    ///
    /// - Parameters:
    ///   - participants: all of the system: their subscriptions say what wakes the relay.
    ///   - local: is told of each event as it is committed, before it is sent.
    ///   - ownership: which rows are this relay's; relays of several processes on the same tables each have their own.
    ///   - batch: how many events are sent at once.
    ///   - interval: the longest pause between two looks.
    public init(
        _ database: any SQLDatabase, to publisher: any EventPublisher, participants: [SQLParticipant],
        clock: any SagaClock, local: (any LocalDelivery)? = nil, ownership: Ownership = .everything, batch: Int = 1000,
        interval: Duration = .seconds(1)
    ) {
        self.database = database
        self.publisher = publisher
        self.clock = clock
        self.ownership = ownership
        self.batch = batch
        self.interval = interval
        self.local = local
        // Before the book hears of it, so that it is mostly handed over before it is sent; the other way round it is handled twice.
        if let local {
            database.listen { [weak local] news in
                if let local { Self.hand(news, to: local) }
            }
        }
        book = RelayBook(of: database, clock: clock)
        wakesOn = participants.reduce(into: []) { $0.formUnion($1.subscriptions) }
    }

    private static func hand(_ news: CommitNews, to local: any LocalDelivery) {
        guard case .committed(let announcements) = news else { return }
        let events = announcements.flatMap { ($0 as? Outbox.Appended)?.deliveries ?? [] }
        if !events.isEmpty { local.deliverLocally(events.map(\.envelope)) }
    }

    /// At leisure, if everybody who wants it has got it already.
    public func patience(with type: EventType) -> Duration {
        local?.isDeliveredLocally(type) == true ? Self.leisure : .zero
    }

    /// Sends one batch.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` from the publisher, ``SQLError`` from the database; call again later.
    public func poll() async throws -> Progress {
        try await compare()
        let isMore = try await readMissing()
        if !isMore, let end = endOfLeisure { return .idle(wakeAt: end) }
        let events = book.take(batch)
        if !events.isEmpty {
            try await send(events)
            return .worked
        }
        if isMore { return .worked }
        // Whether or not anything is missing: a commit whose answer was lost wakes nobody.
        let next = clock.now() + interval
        return .idle(wakeAt: book.nextRefusedDueAt.map { min($0, next) } ?? next)
    }

    /// When to send next, if nobody is waiting for it: everybody here gets everything from memory, and it is less than a batch.
    private var endOfLeisure: Timestamp? {
        guard let local, !book.isEmpty, book.waitingCount < batch, let sent = sentAt.withLock({ $0 }) else {
            return nil
        }
        let (now, end) = (clock.now(), sent + Self.leisure)
        guard now >= sent, now < end, wakesOn.allSatisfy(local.isDeliveredLocally) else { return nil }
        return end
    }

    /// Sends what waits: nobody here will handle it any more, and others would have to find out first that this process is gone.
    ///
    /// - Throws: as ``poll()``.
    public func end() async throws {
        while true {
            let events = book.take(batch)
            if events.isEmpty { return }
            try await send(events)
        }
    }

    private func send(_ events: [Delivery]) async throws {
        let now = clock.now()
        sentAt.withLock { $0 = now }
        do {
            // Before the first entry exists: a loss after it must be noticed.
            if book.generation == nil { book.note(generation: try await publisher.generation()) }
            let generation = book.generation
            let results = try await publisher.publishEach(events.map(\.envelope))
            guard results.count == events.count else {
                throw SagaFault.permanent(.contract, "\(results.count) receipts for \(events.count) events")
            }
            book.note(sent: events, results, during: generation)
        } catch {
            // Some may have arrived; consumers recognise what comes twice.
            book.giveBack(events)
            throw error
        }
    }

    // MARK: The table

    /// Reads a page of rows that are not in memory.
    ///
    /// - Returns: whether there may be more.
    private func readMissing() async throws -> Bool {
        guard let from = book.takeMissing() else { return false }
        let limit = batch
        let condition = ownership.condition
        do {
            let found = try await database.read { transaction in
                try transaction.dialect.outbox.page(from: from, where: condition, limit: limit, in: transaction)
            }
            book.add(found)
            guard found.count >= limit, let last = found.last else { return false }
            let table = database.dialect.outbox
            book.miss(from: table.row(of: last.position) + table.positionsPerRow)
            return true
        } catch {
            book.miss(from: from)
            throw error
        }
    }

    /// Compares the table's positions with the memory, now and then, also under load.
    private func compare() async throws {
        // Where every row is ours others may write without a relay: they are found as soon as there is nothing else to do. Else
        // only a commit whose answer was lost can be missing.
        let pause = ownership == .everything && book.isEmpty ? interval : interval * 10
        let now = clock.now()
        let isDue = comparedAt.withLock { last in
            if let last, now >= last, now < last + pause { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let condition = ownership.condition
        let positions = try await database.read { transaction in
            try transaction.dialect.outbox.positions(where: condition, in: transaction)
        }
        if let first = book.firstMissing(of: positions) { book.miss(from: first) }
    }
}

extension OutboxRelay.Ownership {
    /// Which rows, in SQL.
    var condition: String {
        switch self {
        case .everything: "1 = 1"
        case .own(let relay): "relay = \(relay)"
        }
    }
}
