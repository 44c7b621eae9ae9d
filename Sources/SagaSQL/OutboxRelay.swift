import FoundationEssentials
import SQLCore
import SagaChoreography
import Synchronization

/// Carries the outbox to a transport outside the database, and keeps each row until every consumer group has acknowledged
/// that very entry.
///
/// The embedded transport needs none of this: there the rows are the transport.
public final class OutboxRelay: Activity {
    /// How long an entry may stay unacknowledged before it is sent again, by the number of times it was sent; the last one
    /// for all further times. Other people's pauses must not become floods.
    static let patience: [Duration] = [.seconds(60), .seconds(120), .seconds(240), .seconds(300)]

    /// `saga.outbox-relay`.
    public let name = "saga.outbox-relay"
    /// Every type that the participants subscribe to.
    public let wakesOn: Set<EventType>

    private let database: any SQLDatabase
    private let publisher: any EventPublisher
    private let clock: any SagaClock
    private let batch: Int
    private let interval: Duration
    private let othersAge: Duration
    private let unsent = UnsentEvents()
    private let progress = Mutex(Looks())

    /// What was looked at when.
    private struct Looks {
        /// The generation that the table was compared with, and when.
        var generation: (name: String, at: Timestamp)?
        var othersAt: Timestamp?
        var acknowledgementsAt: Timestamp?
    }

    /// A relay for what the transactions of `database` write. Any number of processes may have one on the same tables: each
    /// sends what it wrote itself at once, and what others left behind a little later.
    ///
    /// - Parameters:
    ///   - participants: all of the system: their subscriptions say what wakes the relay.
    ///   - batch: how many events are sent at once.
    ///   - interval: the longest pause between two looks.
    ///   - othersAge: how long events that this object did not hear of are left to the process that wrote them. Zero for a relay
    ///     on a database object that nobody writes through.
    public init(
        _ database: any SQLDatabase, to publisher: any EventPublisher, participants: [SQLParticipant],
        clock: any SagaClock, batch: Int = 200, interval: Duration = .seconds(1), othersAge: Duration = .zero
    ) {
        self.database = database
        self.publisher = publisher
        self.clock = clock
        self.batch = batch
        self.interval = interval
        self.othersAge = othersAge
        wakesOn = participants.reduce(into: []) { $0.formUnion($1.subscriptions) }
        database.listen { [unsent] in unsent.hear($0) }
    }

    /// Sends one batch, or else reads which of the sent entries are acknowledged.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` from the publisher, ``SQLError`` from the database; call again later.
    public func poll() async throws -> Progress {
        let generation = try await publisher.generation()
        try await requeueLost(since: generation)
        let own = unsent.take(batch)
        if !own.isEmpty {
            try await send(own, generation)
            return .worked
        }
        let others = try await readUnsent()
        if !others.isEmpty {
            try await send(others, generation)
            return .worked
        }
        if isDue(\.acknowledgementsAt) { try await readAcknowledgements() }
        // Whether or not anything is missing: a commit whose answer was lost wakes nobody, and resync waits for what is unsent.
        return .idle(wakeAt: clock.now() + interval)
    }

    /// Whether it is time to look, if one looks at intervals; notes that one does.
    private func isDue(_ look: WritableKeyPath<Looks, Timestamp?>) -> Bool {
        let now = clock.now()
        return progress.withLock { looks in
            if othersAge > .zero, let last = looks[keyPath: look], now < last + interval { return false }
            looks[keyPath: look] = now
            return true
        }
    }

    /// What this object did not hear of, oldest first.
    private func readUnsent() async throws -> [Delivery] {
        let isOwnMissing = unsent.takeIncomplete()
        guard isOwnMissing || isDue(\.othersAt) else { return [] }
        let limit = batch
        let before = isOwnMissing ? Int64.max : clock.now().milliseconds - othersAge.wholeMilliseconds
        do {
            let found = try await database.read { transaction in
                try transaction.rows(
                    """
                    SELECT \(fixed: Outbox.columns) FROM saga_outbox WHERE sent_at IS NULL AND time <= \(before)
                    ORDER BY seq LIMIT \(limit)
                    """
                ).map(Outbox.delivery)
            }
            // There may be more of them.
            if isOwnMissing, !found.isEmpty { unsent.giveUp() }
            return found
        } catch {
            if isOwnMissing { unsent.giveUp() }
            throw error
        }
    }

    /// Publishes, then notes it. A crash between the two sends the same events twice, which consumers tolerate; the other
    /// order would lose them.
    private func send(_ events: [Delivery], _ generation: String) async throws {
        do {
            let receipts = try await publisher.publish(events.map(\.envelope))
            guard receipts.count == events.count else {
                throw SagaFault.permanent(.contract, "\(receipts.count) receipts for \(events.count) events")
            }
            let now = clock.now()
            try await database.write { transaction in
                try Self.sent.run(Array(zip(events, receipts)), in: transaction) { event, receipt in
                    [
                        .integer(event.position), .text(receipt.text), .text(generation), .integer(now.milliseconds),
                    ]
                }
            }
        } catch {
            unsent.giveUp()
            throw error
        }
    }

    private static let sent = ManyRows(
        changing: """
            saga_outbox SET sent_at = new.column4, sent_count = sent_count + 1, receipt = new.column2,
                generation = new.column3
            """, columns: 4, where: "saga_outbox.seq = new.column1")

    /// The transport forgot everything: all rows are unsent again.
    private func requeueLost(since generation: String) async throws {
        let now = clock.now()
        let isKnown = progress.withLock { looks in
            // Another process may have noted what it sent before the loss.
            if let last = looks.generation, last.name == generation, now < last.at + Self.generationCheck {
                return true
            }
            return false
        }
        guard !isKnown else { return }
        let isLost = try await database.read { transaction in
            try transaction.first(
                "SELECT 1 AS found FROM saga_outbox WHERE sent_at IS NOT NULL AND generation <> \(generation) LIMIT 1")
                != nil
        }
        if isLost {
            try await database.write { transaction in
                try transaction.execute(
                    """
                    UPDATE saga_outbox SET sent_at = NULL, receipt = NULL, acknowledged = \(false)
                    WHERE sent_at IS NOT NULL AND generation <> \(generation)
                    """)
            }
            unsent.giveUp()
        }
        progress.withLock { $0.generation = (generation, now) }
    }

    /// How often the table is compared with a generation that did not change.
    private static let generationCheck = Duration.seconds(10)

    /// Notes what every group has acknowledged, and requeues what nobody did for too long.
    private func readAcknowledgements() async throws {
        let limit = batch
        var after: Int64 = 0
        while true {
            let from = after
            let sent = try await database.read { transaction in
                try transaction.rows(
                    """
                    SELECT seq, sent_at, sent_count, receipt FROM saga_outbox
                    WHERE sent_at IS NOT NULL AND NOT acknowledged AND seq > \(from) ORDER BY seq LIMIT \(limit)
                    """
                ).map(SentRow.init)
            }
            guard let last = sent.last else { return }
            after = last.position
            let acknowledged = try await publisher.acknowledged(sent.map(\.receipt))
            let now = clock.now()
            let done = sent.filter { acknowledged.contains($0.receipt) }.map(\.position)
            let late = sent.filter { !acknowledged.contains($0.receipt) && $0.isLate(at: now) }.map(\.position)
            guard !done.isEmpty || !late.isEmpty else { continue }
            try await database.write { transaction in
                for part in PaddedList.parts(of: done) {
                    try transaction.execute(
                        "UPDATE saga_outbox SET acknowledged = \(true) WHERE seq IN (\(list: part))")
                }
                for part in PaddedList.parts(of: late) {
                    try transaction.execute(
                        "UPDATE saga_outbox SET sent_at = NULL, receipt = NULL WHERE seq IN (\(list: part))")
                }
            }
            if !late.isEmpty { unsent.giveUp() }
        }
    }

    private struct SentRow {
        let position: Int64
        let sentAt: Timestamp
        let count: Int
        let receipt: Receipt

        init(_ row: SQLRow) throws {
            position = try row.int64("seq")
            sentAt = Timestamp(milliseconds: try row.int64("sent_at"))
            count = try row.int("sent_count")
            receipt = Receipt(try row.text("receipt"))
        }

        func isLate(at now: Timestamp) -> Bool {
            now - sentAt >= OutboxRelay.patience[min(max(count, 1), OutboxRelay.patience.count) - 1]
        }
    }
}
