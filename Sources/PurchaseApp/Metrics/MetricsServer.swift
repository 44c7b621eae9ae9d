import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import PurchaseAPI
import SagaChoreography
import ServiceLifecycle

/// `GET /metrics` on a port of its own, for operators: it is open to whoever reaches that port, so keep it inside.
struct MetricsServer: Service {
    let registry: PrometheusRegistry
    let gauges: SystemGauges
    let host: String
    let port: Int
    let logger: Logger
    /// Told the port once requests are answered.
    let started: @Sendable (Int) async -> Void

    /// - Throws: ``PortTaken``; the server's error.
    func run() async throws {
        let server = Application(
            router: router, server: .guarded(),
            configuration: .init(
                address: .hostname(host, port: port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(64, logger: logger)),
            onServerRunning: { channel in await started(channel.localAddress?.port ?? port) }, logger: logger)
        try await NamedPort(key: "METRICS_PORT", port: port, server: server).run()
    }

    private var router: Router<BasicRequestContext> {
        let router = Router()
        let (registry, gauges) = (registry, gauges)
        router.get("/metrics") { _, context in
            var text = PrometheusText()
            registry.write(to: &text)
            do {
                try await gauges.write(to: &text)
            } catch {
                // Half a reading would look like a system at rest.
                context.logger.error("metrics could not be read", metadata: ["error": "\(error)"])
                throw HTTPError(.serviceUnavailable, message: "the database cannot be read")
            }
            return Response(
                status: .ok, headers: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(string: text.text)))
        }
        return router
    }
}
