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
    private let presence: RelayPresence
    private let book: RelayBook
    private let clock: any SagaClock
    private let interval: Duration
    private let batch: Int

    /// Rows younger than this may be those of a process that has yet to say that it lives.
    private static let youth = Duration.seconds(3)
    /// Times that far ahead are those of a clock that is wrong.
    private static let doubtful = RelayPresence.length * 2
    /// So many times as long as it looked it rests: a long outbox is not to be read all the time.
    private static let restFactor = 20
    /// But never longer than this.
    private static let longestRest = Duration.seconds(15)
    /// How long the number of a relay that ended is kept, so that clocks that differ take nobody's place away.
    private static let memory = Duration.seconds(3600)

    /// - Parameters:
    ///   - presence: of the relay that sends what is taken over.
    ///   - batch: how many rows one transaction takes over at most.
    public init(
        on database: any SQLDatabase, by presence: RelayPresence, in book: RelayBook, clock: any SagaClock,
        interval: Duration = .seconds(2), batch: Int = 5000
    ) {
        self.database = database
        self.presence = presence
        self.book = book
        self.clock = clock
        self.interval = interval
        self.batch = batch
    }

    /// Takes over one batch.
    ///
    /// - Throws: ``SQLError``; nothing was taken over then, call again later.
    public func poll() async throws -> Progress {
        let (now, limit, relay) = (clock.now(), batch, presence.relay)
        let living: SQLStatement = """
            SELECT relay FROM saga_relays
            WHERE until > \(now.milliseconds) AND until <= \((now + Self.doubtful).milliseconds)
            """
        let isSteady = presence.isSteady(at: now)
        let (youngest, latest) = (now.milliseconds - Self.youth.wholeMilliseconds, (now + Self.doubtful).milliseconds)
        let found = try await database.read { transaction in
            let living = try transaction.rows(living).map { try $0.int64("relay") } + [relay]
            return try transaction.rows(
                """
                SELECT seq FROM \(fixed: transaction.dialect.outbox.name) WHERE NOT acknowledged AND (relay IS NULL OR (
                    \(isSteady) AND (time <= \(youngest) OR time > \(latest)) AND relay NOT IN (\(list: living))))
                ORDER BY seq LIMIT \(limit)
                """
            ).map { try $0.int64("seq") }
        }
        let rest = max(interval, min((clock.now() - now) * Self.restFactor, Self.longestRest))
        guard !found.isEmpty else {
            try await forgetTheDead(at: now)
            return .idle(wakeAt: clock.now() + rest)
        }
        let taken = try await database.write { transaction in
            var taken: [Int64] = []
            let table = transaction.dialect.outbox.name
            for part in BoundedList.parts(of: found) {
                let rows = try transaction.rows(
                    """
                    UPDATE \(fixed: table) SET relay = \(relay) WHERE seq IN (
                        SELECT seq FROM \(fixed: table) WHERE seq IN (\(list: part)) ORDER BY seq\(
                            fixed: transaction.dialect.skipLocked)) RETURNING seq
                    """)
                taken += try rows.map { try $0.int64("seq") }
            }
            return taken
        }
        if let first = taken.min() { book.miss(from: first) }
        return found.count == limit && !taken.isEmpty ? .worked : .idle(wakeAt: clock.now() + rest)
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
