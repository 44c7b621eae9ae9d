import Foundation
import Hummingbird
import Logging
import Notifications
import Orders
import Items
import Payments
import PurchaseAPI
import PurchaseContracts
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import ServiceLifecycle
import Users

/// The running program: database, services, HTTP, from a configuration to an orderly end.
public struct PurchaseServer: Sendable {
    public static let version = "0.1.0"

    private let configuration: PurchaseConfiguration
    private let logger: Logger

    public init(_ configuration: PurchaseConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Opens and migrates the database, starts everything, and returns after an orderly shutdown (SIGTERM, SIGINT).
    ///
    /// - Parameter started: told the port once requests are answered.
    /// - Throws: ``SQLError`` if the database cannot be used; the server's error if the port is taken.
    public func run(started: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let clock = SystemClock()
        let database = try await PurchaseDatabase.openToWrite(configuration, clock: clock, logger: logger)
        let feed = CommitFeed(logger: logger)
        let system = try compose(database, feed, clock)
        let tokens = try await TokenKeys(configuration, clock: clock)
        let api = PurchaseAPI(dependencies(system, feed, tokens))
        let server = Application(
            router: api.router(),
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil),
            onServerRunning: { channel in await started(channel.localAddress?.port ?? configuration.port) },
            logger: logger)
        let runner = ActivityRunner(
            activities: system.activities, feed: feed, clock: clock, random: SystemRandom(), logger: logger)
        // Started in this order and ended in the reverse: requests stop first, then what they began is driven on until each
        // activity's current step is committed. What is left is in the database, and goes on at the next start.
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: runner), .init(service: server)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        try database.close()
    }

    private func compose(_ database: SQLiteDatabase, _ feed: CommitFeed, _ clock: SystemClock) throws -> PurchaseSystem {
        let random = SystemRandom()
        let pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
        let gateway = SimulatedGateway(
            .init(
                successRate: configuration.payment.successRate, latency: configuration.payment.latency,
                unknownRate: configuration.payment.unknownRate, seed: configuration.payment.seed,
                timeout: configuration.payment.timeout),
            database: database, clock: clock, pause: pause)
        let notifiers: [any Notifier] =
            configuration.notificationsEnabled
            ? [
                ConsoleNotifier(language: configuration.notificationLanguage == .ko ? .korean : .english) { line in
                    StandardOutput.write(line)
                }
            ] : []
        let probe: any Probe = configuration.testCrashPoint.flatMap(CrashProbe.init) ?? NoProbe()
        return PurchaseSystem(
            database: database, transport: try EmbeddedTransport(database),
            ports: .init(
                clock: clock, ids: UUIDv7Generator(clock: clock, random: random), random: random, observer: feed,
                probe: probe, gateway: gateway, notifiers: notifiers),
            retries: RetryPolicy(retries: configuration.sagaRetryCount))
    }

    private func dependencies(_ system: PurchaseSystem, _ feed: CommitFeed, _ tokens: TokenKeys) -> APIDependencies {
        let database = system.database
        return APIDependencies(
            database: database, orders: system.commands(of: OrdersParticipant.service),
            users: system.commands(of: UsersParticipant.service), items: system.commands(of: ItemsParticipant.service),
            api: system.commands(for: RecordRefusedAccess.service),
            settings: APISettings(
                name: configuration.appName, version: Self.version, currency: configuration.currency,
                sagaTimeout: configuration.sagaTimeout, isProduction: configuration.stage == .production,
                isLoopback: configuration.isLoopback, testUserBalance: configuration.testUserBalance,
                testItemStock: configuration.testItemStock),
            authenticator: tokens.authenticator, issuer: tokens.issuer, cursors: tokens.cursors, watch: feed,
            pause: { try await Task.sleep(for: $0) },
            readiness: {
                let answers = try? await database.read { try $0.first("SELECT 1 AS one") != nil }
                return Readiness(checks: ["database": answers == true])
            })
    }
}

extension CommitFeed: OrderWatching {}
