import Hummingbird
import HummingbirdCore
import Logging
import PurchaseAPI
import ServiceLifecycle

/// `GET /metrics` at an address of its own, for operators. It asks nobody who he is: whoever reaches the address may read.
struct MetricsServer: Service {
    let page: MetricsPage
    let address: MetricsAddress
    let logger: Logger
    /// Told the port once requests are answered.
    let started: @Sendable (Int) async -> Void

    /// - Throws: ``CannotListen``; the server's error.
    func run() async throws {
        let server = Application(
            router: router, server: .guarded(),
            configuration: .init(
                address: .hostname(address.host, port: address.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(64, logger: logger)),
            onServerRunning: { channel in await started(channel.localAddress?.port ?? address.port) }, logger: logger)
        try await Listening(place: address.place, server: server).run()
    }

    private var router: Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        let page = page
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(string: await page.text())))
        }
        return router
    }
}

/// Where operators are answered.
public struct MetricsAddress: Sendable, Equatable {
    public let host: String
    /// 0 takes a free one.
    public let port: Int

    var place: CannotListen.Named { .init(key: "METRICS_PORT", host: host, hostKey: "METRICS_HOST", port: port) }
}
