import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import SQLCore
import SQLiteAdapter
import SagaChoreography
import ServiceLifecycle

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
        public let api: Int
        /// `nil` if metrics are off.
        public let metrics: Int?
    }

    /// Opens and migrates the database, starts everything, and returns after an orderly shutdown (SIGTERM, SIGINT).
    ///
    /// - Parameter started: told the ports once requests are answered.
    /// - Throws: ``SQLError`` if the database cannot be used; ``PortTaken``; ``ConfigurationProblems`` if certificate and key
    ///   cannot be used.
    public func run(started: @escaping @Sendable (Ports) async -> Void = { _ in }) async throws {
        let secured = try TLSFiles.secured(.guarded(), by: configuration.tls)
        let database = try await PurchaseDatabase.openToWrite(configuration, logger: logger)
        let composition = try await PurchaseComposition(configuration, database: database, logger: logger)
        // Before the first request: a token that was ended yesterday must not be believed for a moment.
        try await composition.tokens.revocations.refresh(
            from: database, at: SystemClock().now(), lifetime: configuration.tokenLifetime)
        let (metricsStarted, metricsPort) = AsyncStream<Int>.makeStream()
        let server = Application(
            router: composition.api.router(), server: secured,
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maxConnections, logger: logger)),
            onServerRunning: { channel in
                let metrics = configuration.metricsPort == nil ? nil : await metricsStarted.first { _ in true }
                await started(Ports(api: channel.localAddress?.port ?? configuration.port, metrics: metrics))
            }, logger: logger)
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [.init(service: composition.runner)]
        if let port = configuration.metricsPort {
            let gauges = SystemGauges(
                database: database, participants: composition.system.participants, clock: SystemClock(),
                started: SystemClock().now())
            services.append(
                .init(
                    service: MetricsServer(
                        registry: metrics, gauges: gauges, host: configuration.host, port: port, logger: logger,
                        started: { metricsPort.yield($0) })))
        }
        services.append(.init(service: NamedPort(key: "PORT", port: configuration.port, server: server)))
        // Started in this order and ended in the reverse: requests stop first, then what they began is driven on until each
        // activity's current step is committed. What is left is in the database, and goes on at the next start.
        let group = ServiceGroup(
            configuration: .init(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        try database.close()
    }
}
