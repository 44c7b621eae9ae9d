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
        let (now, relay) = (clock.now(), presence.relay)
        let living: SQLStatement = """
            SELECT relay FROM saga_relays
            WHERE until > \(now.milliseconds) AND until <= \((now + RelayPresence.doubtful).milliseconds)
            """
        let isSteady = presence.isSteady(at: now)
        let found = try await database.read { [self] transaction in
            let living = Set(try transaction.rows(living).map { try $0.int64("relay") } + [relay])
            let orphaned = try transaction.dialect.outbox.relays(in: transaction).filter { relay in
                relay.map { isSteady && !living.contains($0) } ?? true
            }
            return try rows(of: orphaned, at: now, in: transaction)
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
        return found.count == batch && !taken.isEmpty ? .worked : .idle(wakeAt: clock.now() + rest)
    }

    /// The first of these relays' rows, one relay at a time: so each is found by the index, and nobody else's is looked at.
    private func rows(of relays: [Int64?], at now: Timestamp, in transaction: any SQLTransaction) throws -> [Int64] {
        let (youngest, latest) = (
            now.milliseconds - Self.youth.wholeMilliseconds, (now + RelayPresence.doubtful).milliseconds
        )
        var rows: [Int64] = []
        for relay in relays where rows.count < batch {
            let rest = batch - rows.count
            let table = transaction.dialect.outbox.name
            let statement: SQLStatement =
                if let relay {
                    """
                    SELECT seq FROM \(fixed: table) WHERE NOT acknowledged AND relay = \(relay)
                        AND (time <= \(youngest) OR time > \(latest)) ORDER BY seq LIMIT \(rest)
                    """
                } else {
                    """
                    SELECT seq FROM \(fixed: table) WHERE NOT acknowledged AND relay IS NULL
                    ORDER BY seq LIMIT \(rest)
                    """
                }
            rows += try transaction.rows(statement).map { try $0.int64("seq") }
        }
        return rows
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
