import FoundationEssentials
import Journeys
import PostgresAdapter
import PurchaseApp
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import TestServers

/// The engines on which this run of the tests works. PURCHASE_TEST_ENGINES names them, such as `postgres,embedded`; without it,
/// SQLite and its embedded transport.
package struct TestEngine: Sendable {
    package enum Store: String, Sendable { case sqlite, postgres }
    package enum Bus: String, Sendable { case embedded, redis }

    package let store: Store
    package let bus: Bus

    package static let current: TestEngine = {
        let names = (ProcessInfo.processInfo.environment["PURCHASE_TEST_ENGINES"] ?? "sqlite,embedded")
            .split(separator: ",").map(String.init)
        guard names.count == 2, let store = Store(rawValue: names[0]), let bus = Bus(rawValue: names[1]) else {
            preconditionFailure(
                "PURCHASE_TEST_ENGINES is '\(names.joined(separator: ","))', not such as postgres,embedded")
        }
        return TestEngine(store: store, bus: bus)
    }()

    /// Whether a test that is about SQLite's own ways can run.
    package static var isSQLite: Bool { current.store == .sqlite }

    // MARK: Database

    /// An empty database with every table of the system.
    package func database() async throws -> any SQLDatabase {
        switch store {
        case .sqlite:
            let database = try SQLiteDatabase.inMemory()
            try await Migrator(PurchaseSystem.migrations(for: .sqlite)).migrate(database, now: 0)
            return database
        case .postgres: return try await Self.pool.borrow()
        }
    }

    private static let pool = DatabasePool(
        PostgresSettings(poolSize: 3, acquireTimeout: .seconds(60), searchPath: PurchaseSystem.schemas),
        migrations: PurchaseSystem.migrations(for: .postgres))

    /// An empty, migrated PostgreSQL database.
    package static func postgresDatabase() async throws -> any SQLDatabase { try await pool.borrow() }

    /// A connection of its own to the server that a borrowed database is on.
    package static func observer() async throws -> any SQLDatabase {
        PostgresDatabase(try await PostgresServer.shared().endpoint, PostgresSettings(poolSize: 1))
    }

    // MARK: Events

    /// What carries the outbox's events to the services, and the relay that it needs.
    package func transport(
        for database: any SQLDatabase, _ participants: [SQLParticipant]
    ) async throws -> (transport: any EventTransport<any SQLTransaction>, relay: PurchaseSystem.Relay?) {
        switch (store, bus) {
        case (.sqlite, .embedded): return (try EmbeddedTransport(database), nil)
        case (.postgres, .embedded):
            let broker = InProcessBroker(participants, generation: UUID().uuidString)
            return (broker, PurchaseSystem.Relay(to: broker, arrivals: broker))
        case (_, .redis):
            let streams = PromptTransport(try await RedisForTests.transport(participants), participants)
            return (streams, PurchaseSystem.Relay(to: streams))
        }
    }

    /// Where what processes see comes together, empty.
    package func liveLog(clock: any SagaClock) async throws -> any LiveLog {
        switch bus {
        case .embedded: LiveMemory(clock: clock)
        case .redis: RedisLiveLog(try await RedisForTests.transport([]))
        }
    }
}
