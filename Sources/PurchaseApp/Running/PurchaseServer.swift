import Audit
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import Notifications
import Payments
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
    private let metrics: PrometheusRegistry
    private let logger: Logger

    /// - Parameter metrics: what the process's metrics are counted in; `GET /metrics` at METRICS_PORT shows it.
    public init(_ configuration: PurchaseConfiguration, metrics: PrometheusRegistry, logger: Logger) {
        self.configuration = configuration
        self.metrics = metrics
        self.logger = logger
    }

    /// Where requests are answered.
    public struct Ports: Sendable {
        /// `nil` if this process has no API.
        public let api: Int?
        /// `nil` if metrics are off.
        public let metrics: Int?
    }

    /// Opens and migrates the database, starts everything, and returns after an orderly shutdown (SIGTERM, SIGINT).
    ///
    /// - Parameter started: told the ports once requests are answered.
    /// - Throws: ``SQLError`` if the database cannot be used; ``CannotListen``; ``ConfigurationProblems`` if certificate and key
    ///   cannot be used, payments wait for another gateway, or Redis holds another
    ///   number of partitions.
    public func run(started: @escaping @Sendable (Ports) async -> Void = { _ in }) async throws {
        // A file that may not grow any more (ulimit -f) is to be an error that is answered, as a full disk is, not the end.
        signal(SIGXFSZ, SIG_IGN)
        let secured = try TLSFiles.secured(by: configuration.tls)
        let remote = RemoteGateway(configuration, logger: logger)
        do {
            try await serve(secured, remote?.gateway, started: started)
        } catch {
            try await remote?.close()
            throw error
        }
        try await remote?.close()
    }

    private func serve(
        _ secured: HTTPServerBuilder, _ gateway: (any PaymentGateway)?,
        started: @escaping @Sendable (Ports) async -> Void
    ) async throws {
        let places = [configuration.services.hasAPI ? place : nil, configuration.metrics?.place].compactMap { $0 }
        for place in places { try await CannotListen.check(place) }
        let opened = try await openDatabases()
        let channels = NotificationChannels(
            configuration.notifications, database: opened.services[UsersParticipant.service], clock: SystemClock(),
            logger: logger)
        do {
            try await operate(secured, gateway, channels.notifiers, on: opened.services, started: started)
        } catch {
            try await channels.close()
            throw error
        }
        try await channels.close()
        try opened.close()
    }

    private func operate(
        _ secured: HTTPServerBuilder, _ gateway: (any PaymentGateway)?, _ notifiers: [any Notifier],
        on databases: ServiceDatabases, started: @escaping @Sendable (Ports) async -> Void
    ) async throws {
        let single = SingleProcess(configuration, logger: logger)
        try await single?.begin()
        // A process looks at the tables of what it does, and may have no right to others.
        if configuration.services.sees(PaymentsParticipant.service) {
            try await RemoteGateway.checkSwitch(configuration, databases[PaymentsParticipant.service])
        }
        if configuration.services.services.contains(AuditParticipant.service) {
            try await AuditTrail.note(
                isKept: configuration.audit != nil, on: databases[AuditParticipant.service], at: SystemClock().now())
        }
        let second = SecondStore(configuration)
        let composition = try await PurchaseComposition(
            configuration, databases: databases, gateway: gateway, notifiers: notifiers, secondStore: second,
            logger: logger)
        try await composition.bus.checkPartitions(logger: logger)
        if configuration.services.hasAPI {
            // Before the first request: a token that was ended yesterday must not be believed for a moment.
            try await composition.tokens.revocations.refresh(
                from: databases[UsersParticipant.service], at: SystemClock().now(),
                lifetime: configuration.tokenLifetime)
        }
        try await SystemRecord(databases.main).started(configuration)
        let (metricsPorts, metricsStarted) = AsyncStream<Int>.makeStream()
        let operators = metricsServer(databases, composition) { metricsStarted.yield($0) }
        let ready: @Sendable (Int?) async -> Void = { port in
            let metrics = operators == nil ? nil : await metricsPorts.first { _ in true }
            await started(Ports(api: port, metrics: metrics))
        }
        let clients: any Service =
            configuration.services.hasAPI
            ? apiServer(composition, secured) { await ready($0) } : Worker { await ready(nil) }
        // Started in this order and ended in the reverse: requests stop first, then what they began is driven on until each
        // activity's current step is committed. What is left is in the database, and goes on at the next start.
        let services: [(any Service)?] = [single, composition.runner, operators, clients]
        let group = ServiceGroup(
            configuration: .init(
                // Another process took over: what is under way is committed or not, but nothing new is begun.
                services: services.compactMap { $0 }.map { service in
                    .init(
                        service: service,
                        failureTerminationBehavior: service is SingleProcess ? .gracefullyShutdownGroup : .cancelGroup)
                }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        do { try await SystemRecord(databases.main).stopped(configuration) } catch {
            logger.warning("the end is not audited", metadata: [LogKey.reason: "\(error)"])
        }
        if configuration.isAuditKeptHere {
            do {
                try await composition.system.trail?.flush()
            } catch {
                // What waits is recorded after the next start.
                logger.warning("the audit trail is not flushed", metadata: [LogKey.reason: "\(error)"])
            }
        }
        await second?.close()
        await composition.bus.close()
        do { try await composition.presence.leave() } catch {
            logger.warning("the end is not told", metadata: [LogKey.reason: "\(error)"])
        }
        do {
            // What others have yet to acknowledge need not wait until this process counts as dead.
            for presence in composition.system.presences { try await presence.leave() }
        } catch { logger.warning("the outbox is not handed over", metadata: [LogKey.reason: "\(error)"]) }
    }

    private func openDatabases() async throws -> OpenDatabases {
        let open: @Sendable () async throws -> OpenDatabases = { [configuration, logger] in
            try await OpenDatabases.openToWrite(configuration, isServed: true, logger: logger)
        }
        // A file is there or is not.
        guard case .postgres = configuration.database else { return try await open() }
        return try await StartupPatience(limit: configuration.startupPatience, logger: logger).wait(for: open)
    }

    private func apiServer(
        _ composition: PurchaseComposition, _ secured: HTTPServerBuilder,
        started: @escaping @Sendable (Int) async -> Void
    ) -> any Service {
        let (host, port) = (configuration.host, configuration.port)
        let server = Application(
            router: composition.api.router(), server: secured,
            configuration: .init(
                address: .hostname(host, port: port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maxConnections, logger: logger)),
            onServerRunning: { [logger] channel in
                await channel.acceptOneAtATime(logger: logger)
                await started(channel.localAddress?.port ?? port)
            }, logger: logger)
        return Listening(place: place, server: server)
    }

    private var place: CannotListen.Named {
        .init(key: "PORT", host: configuration.host, hostKey: "HOST", port: configuration.port)
    }

    private func metricsServer(
        _ databases: ServiceDatabases, _ composition: PurchaseComposition, started: @escaping @Sendable (Int) -> Void
    ) -> MetricsServer? {
        configuration.metrics.map { address in
            let clock = SystemClock()
            let page = MetricsPage(
                registry: metrics,
                system: SystemGauges(
                    databases, bus: composition.bus, books: composition.system.relays.map(\.book),
                    services: configuration.services,
                    participants: composition.system.participants, clock: clock, logger: logger),
                process: ProcessGauges(started: clock.now()), audit: composition.audit, clock: clock)
            return MetricsServer(
                page: page, readiness: { await composition.readiness() }, address: address, logger: logger,
                started: started)
        }
    }
}

/// Stands where the API would: a process without one is ready once everything else has been started.
private struct Worker: Service {
    let ready: @Sendable () async -> Void

    func run() async throws {
        await ready()
        try await gracefulShutdown()
    }
}
