import SQLCore
import SagaChoreography
import SagaSQL

/// Reads how the services fare.
struct ServiceWatch: Sendable {
    private let databases: ServiceDatabases
    private let clock: any SagaClock
    private let services: [ServiceID]
    private let lag: (@Sendable () async throws -> [ServiceID: ConsumerLag])?
    private let known: Remembered<ServiceStandings>

    /// Asked for each order that is looked at; the transport need not be asked as often.
    private static let age = Duration.seconds(1)

    init(
        _ databases: ServiceDatabases, clock: any SagaClock, services: [ServiceID],
        lag: (@Sendable () async throws -> [ServiceID: ConsumerLag])?
    ) {
        self.databases = databases
        self.clock = clock
        self.services = services
        self.lag = lag
        known = Remembered(for: Self.age, clock: clock)
    }

    func standings() async throws -> ServiceStandings { try await known.value(read) }

    private func read() async throws -> ServiceStandings {
        let lags = try await lags()
        let now = clock.now()
        // Each process says in its own database what it runs, and a consumer's messages are in its own.
        let seen = try await databases.everywhere { transaction in
            (
                instances: try ServicePresence.instances(at: now, in: transaction),
                retrying: try counts("saga_retries", in: transaction),
                parked: try counts("saga_parked", in: transaction)
            )
        }
        let instances = seen.flatMap(\.instances)
        return ServiceStandings(
            services.map { service in
                let running = instances.filter { $0.services.contains(service) }
                return ServiceStanding(
                    service: service, instances: running,
                    pauses: running.flatMap(\.pauses).filter { $0.activity.hasPrefix("\(service.name).") },
                    lag: lags?[service]?.count, oldest: lags?[service]?.oldest,
                    retrying: seen.reduce(0) { $0 + ($1.retrying[service] ?? 0) },
                    parked: seen.reduce(0) { $0 + ($1.parked[service] ?? 0) })
            })
    }

    /// A transport that is away tells nothing, and is a reason to look: how much waits is then not known, and why it is away its own
    /// health says.
    ///
    /// - Throws: `CancellationError` alone.
    private func lags() async throws -> [ServiceID: ConsumerLag]? {
        do { return try await lag?() } catch let error as CancellationError { throw error } catch { return nil }
    }

    private func counts(_ table: String, in transaction: any SQLTransaction) throws -> [ServiceID: Int] {
        let rows = try transaction.rows(
            """
            SELECT consumer, COUNT(*) AS n
            FROM (SELECT consumer FROM \(table: table) LIMIT \(ServiceStandings.countedAtMost)) AS counted
            GROUP BY consumer
            """)
        return Dictionary(
            uniqueKeysWithValues: try rows.map { (ServiceID(try $0.text("consumer")), try $0.int("n")) })
    }
}
