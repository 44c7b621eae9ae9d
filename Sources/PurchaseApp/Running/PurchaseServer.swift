import Foundation
import Hummingbird
import Logging
import SQLCore
import SQLiteAdapter
import SagaChoreography
import ServiceLifecycle

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
        let database = try await PurchaseDatabase.openToWrite(configuration, logger: logger)
        let composition = try await PurchaseComposition(configuration, database: database, logger: logger)
        // Before the first request: a token that was ended yesterday must not be believed for a moment.
        try await composition.tokens.revocations.refresh(
            from: database, at: SystemClock().now(), lifetime: configuration.tokenLifetime)
        let server = Application(
            router: composition.api.router(),
            server: try TLSFiles.secured(.guarded(), by: configuration.tls),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maxConnections, logger: logger)),
            onServerRunning: { channel in await started(channel.localAddress?.port ?? configuration.port) },
            logger: logger)
        // Started in this order and ended in the reverse: requests stop first, then what they began is driven on until each
        // activity's current step is committed. What is left is in the database, and goes on at the next start.
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: composition.runner), .init(service: server)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        try database.close()
    }
}
