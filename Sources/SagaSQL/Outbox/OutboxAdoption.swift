import SQLCore
import SagaChoreography

/// Takes over the outbox rows of processes that have ended or have no relay, for the relay of this one. One process at a time does it
/// for all.
///
/// What such a process had sent is sent again: nobody else knows which of it arrived.
public struct OutboxAdoption: Activity {
    /// `saga.outbox-adoption`.
    public let name = "saga.outbox-adoption"
    /// Nothing: it looks at intervals.
    public var wakesOn: Set<EventType> { [] }

    private let database: any SQLDatabase
    private let relay: Int64
    private let book: RelayBook
    private let clock: any SagaClock
    private let interval: Duration
    private let batch: Int

    /// Rows younger than this may be those of a process that has yet to say that it lives.
    private static let youth = Duration.seconds(3)
    /// How long the number of a relay that ended is kept, so that clocks that differ take nobody's place away.
    private static let memory = Duration.seconds(3600)

    /// - Parameters:
    ///   - relay: the number of the relay that sends what is taken over; it must say that it lives.
    ///   - batch: how many rows one transaction takes over at most.
    public init(
        on database: any SQLDatabase, by relay: Int64, in book: RelayBook, clock: any SagaClock,
        interval: Duration = .seconds(2), batch: Int = 5000
    ) {
        self.database = database
        self.relay = relay
        self.book = book
        self.clock = clock
        self.interval = interval
        self.batch = batch
    }

    /// Takes over one batch.
    ///
    /// - Throws: ``SQLError``; nothing was taken over then, call again later.
    public func poll() async throws -> Progress {
        let (now, limit) = (clock.now(), batch)
        let statement: SQLStatement = """
            SELECT seq FROM saga_outbox WHERE NOT acknowledged AND (relay IS NULL OR (
                time <= \(now.milliseconds - Self.youth.wholeMilliseconds) AND relay <> \(relay)
                AND relay NOT IN (SELECT relay FROM saga_relays WHERE until > \(now.milliseconds))))
            ORDER BY seq LIMIT \(limit)
            """
        let found = try await database.read { try $0.rows(statement).map { try $0.int64("seq") } }
        guard !found.isEmpty else {
            try await forgetTheDead(at: now)
            return .idle(wakeAt: clock.now() + interval)
        }
        let relay = relay
        let taken = try await database.write { transaction in
            var taken: [Int64] = []
            for part in PaddedList.parts(of: found) {
                let rows = try transaction.rows(
                    """
                    UPDATE saga_outbox SET relay = \(relay) WHERE seq IN (
                        SELECT seq FROM saga_outbox WHERE seq IN (\(list: part)) ORDER BY seq\(
                            fixed: transaction.dialect.skipLocked)) RETURNING seq
                    """)
                taken += try rows.map { try $0.int64("seq") }
            }
            return taken
        }
        if let first = taken.min() { book.miss(from: first) }
        return found.count == limit && !taken.isEmpty ? .worked : .idle(wakeAt: clock.now() + interval)
    }

    private func forgetTheDead(at now: Timestamp) async throws {
        let before = now.milliseconds - Self.memory.wholeMilliseconds
        let isAny = try await database.read { transaction in
            try transaction.first("SELECT 1 AS found FROM saga_relays WHERE until < \(before) LIMIT 1") != nil
        }
        guard isAny else { return }
        try await database.write { transaction in
            try transaction.execute("DELETE FROM saga_relays WHERE until < \(before)")
        }
    }
}
