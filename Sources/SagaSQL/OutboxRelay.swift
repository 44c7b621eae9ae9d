import FoundationEssentials
import SQLCore
import SagaChoreography

/// Carries the outbox to a transport outside the database, and keeps each row until every consumer group has acknowledged
/// that very entry.
///
/// The embedded transport needs none of this: there the rows are the transport.
public struct OutboxRelay: Activity {
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

    /// A relay; one for each database.
    ///
    /// - Parameters:
    ///   - participants: all of the system: their subscriptions say what wakes the relay.
    ///   - batch: how many events are sent at once.
    ///   - interval: the longest pause between two looks.
    public init(
        _ database: any SQLDatabase, to publisher: any EventPublisher, participants: [SQLParticipant],
        clock: any SagaClock, batch: Int = 200, interval: Duration = .seconds(1)
    ) {
        self.database = database
        self.publisher = publisher
        self.clock = clock
        self.batch = batch
        self.interval = interval
        wakesOn = participants.reduce(into: []) { $0.formUnion($1.subscriptions) }
    }

    /// Sends one batch, or else reads which of the sent entries are acknowledged.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` from the publisher, ``SQLError`` from the database; call again later.
    public func poll() async throws -> Progress {
        let generation = try await publisher.generation()
        try await requeueLost(since: generation)
        if try await send(generation) { return .worked }
        try await readAcknowledgements()
        // Whether or not anything is missing: a commit whose answer was lost wakes nobody, and resync waits for what is unsent.
        return .idle(wakeAt: clock.now() + interval)
    }

    /// Publishes, then notes it. A crash between the two sends the same events twice, which consumers tolerate; the other
    /// order would lose them.
    private func send(_ generation: String) async throws -> Bool {
        let limit = batch
        let unsent = try await database.read { transaction in
            try transaction.rows(
                "SELECT \(fixed: Outbox.columns) FROM saga_outbox WHERE sent_at IS NULL ORDER BY seq LIMIT \(limit)"
            ).map(Outbox.delivery)
        }
        guard !unsent.isEmpty else { return false }
        let receipts = try await publisher.publish(unsent.map(\.envelope))
        guard receipts.count == unsent.count else {
            throw SagaFault.permanent(.contract, "\(receipts.count) receipts for \(unsent.count) events")
        }
        let now = clock.now()
        try await database.write { transaction in
            for (delivery, receipt) in zip(unsent, receipts) {
                try transaction.execute(
                    """
                    UPDATE saga_outbox SET sent_at = \(now.milliseconds), sent_count = sent_count + 1,
                        receipt = \(receipt.text), generation = \(generation)
                    WHERE seq = \(delivery.position)
                    """)
            }
        }
        return true
    }

    /// The transport forgot everything: all rows are unsent again.
    private func requeueLost(since generation: String) async throws {
        let isLost = try await database.read { transaction in
            try transaction.first(
                "SELECT 1 AS found FROM saga_outbox WHERE sent_at IS NOT NULL AND generation <> \(generation) LIMIT 1")
                != nil
        }
        guard isLost else { return }
        try await database.write { transaction in
            try transaction.execute(
                """
                UPDATE saga_outbox SET sent_at = NULL, receipt = NULL, acknowledged = \(false)
                WHERE sent_at IS NOT NULL AND generation <> \(generation)
                """)
        }
    }

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
                try transaction.execute("UPDATE saga_outbox SET acknowledged = \(true) WHERE seq IN (\(list: done))")
                try transaction.execute(
                    "UPDATE saga_outbox SET sent_at = NULL, receipt = NULL WHERE seq IN (\(list: late))")
            }
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
