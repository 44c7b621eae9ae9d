import SQLCore
import SagaChoreography
import Synchronization

/// Says that this process's relay lives, so that nobody takes over its rows (``OutboxAdoption``). On its own, because a relay whose
/// transport is away may be busy with that for long.
public final class RelayPresence: Activity {
    /// How long a relay is taken for alive after it last said so.
    static let length = Duration.seconds(8)

    /// `saga.relay-presence`.
    public let name = "saga.relay-presence"
    /// Nothing: it looks at intervals.
    public var wakesOn: Set<EventType> { [] }

    private let database: any SQLDatabase
    /// The relay's number.
    let relay: Int64
    private let said = Mutex<(since: Timestamp, last: Timestamp)?>(nil)
    private let clock: any SagaClock

    /// - Parameter relay: the number of the relay, see ``OutboxRelay/Ownership``.
    public init(of relay: Int64, on database: any SQLDatabase, clock: any SagaClock) {
        self.database = database
        self.relay = relay
        self.clock = clock
    }

    /// Says it once more.
    ///
    /// - Throws: ``SQLError``; call again soon.
    public func poll() async throws -> Progress {
        let (now, relay) = (clock.now(), relay)
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO saga_relays (relay, until) VALUES (\(relay), \((now + Self.length).milliseconds))
                ON CONFLICT (relay) DO UPDATE SET until = excluded.until
                """)
        }
        said.withLock { said in
            let isUnbroken = said.map { now >= $0.last && now - $0.last < Self.length } ?? false
            said = (since: isUnbroken ? said?.since ?? now : now, last: now)
        }
        return .idle(wakeAt: now + Self.length / 4)
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
