import FoundationEssentials
import SQLCore
import SagaChoreography

/// Says which services this process runs and which of them pause, so that whoever looks at an order that does not go on can tell
/// whose turn it is and whether anybody is there to take it.
public struct ServicePresence: Activity {
    /// An activity that waits until something that is away is back.
    public struct Pause: Sendable, Hashable, Codable {
        /// `items.consumer`, …
        public let activity: String
        /// One line, without values of a payload.
        public let reason: String
        /// Since when it has done nothing, in milliseconds since 1970.
        public let since: Timestamp

        /// A pause of an activity.
        public init(activity: String, reason: String, since: Timestamp) {
            self.activity = activity
            self.reason = reason
            self.since = since
        }
    }

    /// A process, as it last said.
    public struct Instance: Sendable, Hashable {
        /// Drawn at its start.
        public let id: UUID
        /// What it runs.
        public let services: Set<ServiceID>
        /// When it started.
        public let since: Timestamp
        /// Until when it may be taken for alive.
        public let until: Timestamp
        /// What pauses in it.
        public let pauses: [Pause]
    }

    /// How long a process is taken for alive after it last said so: shorter than a step may take, so that who is gone is known to be
    /// gone before anything is late for it.
    public static let length = Duration.seconds(8)
    /// From when on a process that ended without a word is no longer remembered.
    private static let forgotten = Duration.seconds(-3600)

    /// `saga.service-presence`.
    public let name = "saga.service-presence"
    /// Nothing: it speaks at intervals.
    public var wakesOn: Set<EventType> { [] }

    private let id: UUID
    private let services: Set<ServiceID>
    private let database: any SQLDatabase
    private let clock: any SagaClock
    private let since: Timestamp
    private let pauses: @Sendable () -> [Pause]

    /// - Parameters:
    ///   - services: what this process runs.
    ///   - id: tells this process from all others.
    ///   - pauses: what pauses right now.
    public init(
        of services: Set<ServiceID>, as id: UUID, on database: any SQLDatabase, clock: any SagaClock,
        pauses: @escaping @Sendable () -> [Pause] = { [] }
    ) {
        self.id = id
        self.services = services
        self.database = database
        self.clock = clock
        self.pauses = pauses
        since = clock.now()
    }

    /// Says it once more.
    ///
    /// - Throws: ``SQLError``; call again soon.
    public func poll() async throws -> Progress {
        let now = clock.now()
        let (id, since) = (id, since.milliseconds)
        let names = services.map(\.name).sorted().joined(separator: ",")
        let pauses = try Self.text(pauses())
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO saga_services (instance, services, since, until, pauses)
                VALUES (\(id), \(names), \(since), \((now + Self.length).milliseconds), \(pauses))
                ON CONFLICT (instance) DO UPDATE SET until = excluded.until, pauses = excluded.pauses
                """)
            try transaction.execute(
                "DELETE FROM saga_services WHERE until < \((now + Self.forgotten).milliseconds)")
        }
        return .idle(wakeAt: now + Self.length / 4)
    }

    /// Tells that this process ends, so that nobody waits until it has been silent for long enough.
    ///
    /// - Throws: ``SQLError``.
    public func leave() async throws {
        let id = id
        try await database.write { try $0.execute("DELETE FROM saga_services WHERE instance = \(id)") }
    }

    /// The processes that may be taken for alive.
    ///
    /// - Throws: ``SQLError``.
    public static func instances(at now: Timestamp, in transaction: any SQLTransaction) throws -> [Instance] {
        try transaction.rows(
            """
            SELECT instance, services, since, until, pauses FROM saga_services WHERE until >= \(now.milliseconds)
            ORDER BY since, instance
            """
        ).map { row in
            Instance(
                id: try row.uuid("instance"),
                services: Set(try row.text("services").split(separator: ",").map { ServiceID(String($0)) }),
                since: Timestamp(milliseconds: try row.int64("since")),
                until: Timestamp(milliseconds: try row.int64("until")), pauses: try pauses(row.text("pauses")))
        }
    }

    private static func text(_ pauses: [Pause]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(pauses), as: UTF8.self)
    }

    private static func pauses(_ text: String) throws -> [Pause] {
        do {
            return try JSONDecoder().decode([Pause].self, from: Data(text.utf8))
        } catch {
            throw SQLError(.shape, "column 'pauses' cannot be read")
        }
    }
}
