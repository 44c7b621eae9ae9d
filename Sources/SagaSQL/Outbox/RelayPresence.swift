import SQLCore
import SagaChoreography

/// Says that this process's relay lives, so that nobody takes over its rows (``OutboxAdoption``). On its own, because a relay whose
/// transport is away may be busy with that for long.
public struct RelayPresence: Activity {
    /// How long a relay is taken for alive after it last said so.
    static let length = Duration.seconds(8)

    /// `saga.relay-presence`.
    public let name = "saga.relay-presence"
    /// Nothing: it looks at intervals.
    public var wakesOn: Set<EventType> { [] }

    private let database: any SQLDatabase
    private let relay: Int64
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
        return .idle(wakeAt: now + Self.length / 4)
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
