import SQLCore
import SagaChoreography
import Synchronization

/// Says that this process's relay lives, so that nobody takes over its rows (``OutboxAdoption``). On its own, because a relay whose
/// transport is away may be busy with that for long.
public final class RelayPresence: Activity {
    /// How long a relay is taken for alive after it last said so.
    static let length = Duration.seconds(8)
    /// Times that far ahead are those of a clock that is wrong.
    static let doubtful = length * 2

    /// `saga.relay-presence`.
    public let name = "saga.relay-presence"
    /// Nothing: it looks at intervals.
    public var wakesOn: Set<EventType> { [] }

    private let database: any SQLDatabase
    /// The relay's number.
    let relay: Int64
    private let book: RelayBook?
    private let said = Mutex<(since: Timestamp, last: Timestamp)?>(nil)
    private let clock: any SagaClock

    /// How long what a relay has to send, or has sent, may wait before it is said to be behind.
    public static let patience = Duration.seconds(10)

    /// - Parameters:
    ///   - relay: the number of the relay, see ``OutboxRelay/Ownership``.
    ///   - book: the relay's; without it nobody hears that it is behind.
    public init(of relay: Int64, in book: RelayBook? = nil, on database: any SQLDatabase, clock: any SagaClock) {
        self.database = database
        self.relay = relay
        self.book = book
        self.clock = clock
    }

    /// Says it once more.
    ///
    /// - Throws: ``SQLError``; call again soon.
    public func poll() async throws -> Progress {
        let (now, relay, isBehind) = (clock.now(), relay, book?.isBehind(by: Self.patience) ?? false)
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO saga_relays (relay, until, behind)
                VALUES (\(relay), \((now + Self.length).milliseconds), \(isBehind))
                ON CONFLICT (relay) DO UPDATE SET until = excluded.until, behind = excluded.behind
                """)
        }
        said.withLock { said in
            let isUnbroken = said.map { now >= $0.last && now - $0.last < Self.length } ?? false
            said = (since: isUnbroken ? said?.since ?? now : now, last: now)
        }
        return .idle(wakeAt: now + Self.length / 4)
    }

    /// Whether what a living relay on these tables has to send, or has sent, has waited for longer than ten seconds: the transport is
    /// away, or a consumer, or one of them is slow. What somebody misses is then probably on its way.
    ///
    /// - Throws: ``SQLError``.
    public static func isAnyBehind(at now: Timestamp, in transaction: any SQLTransaction) throws -> Bool {
        try transaction.first(
            """
            SELECT 1 AS found FROM saga_relays
            WHERE behind AND until > \(now.milliseconds) AND until <= \((now + doubtful).milliseconds) LIMIT 1
            """) != nil
    }

    /// Whether it was said without a break for so long that whoever lives must have said it, too: after a pause of the database
    /// everybody looks dead for a moment.
    func isSteady(at now: Timestamp) -> Bool {
        said.withLock { said in
            guard let said else { return false }
            return now - said.since >= Self.length && now - said.last < Self.length
        }
    }

    /// Leaves what is not yet acknowledged to the other processes at once: this one ends.
    ///
    /// - Throws: ``SQLError``; the others then wait until the relay has been silent for long enough.
    public func leave() async throws {
        let relay = relay
        try await database.write { transaction in
            try transaction.execute("DELETE FROM saga_relays WHERE relay = \(relay)")
        }
    }
}
