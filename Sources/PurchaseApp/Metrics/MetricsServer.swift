import FoundationEssentials
import Hummingbird
import HummingbirdCore
import Logging
import PurchaseAPI
import ServiceLifecycle

/// `GET /metrics` at an address of its own, for operators, and the two questions of a supervisor, which a process without the API
/// answers as well. It asks nobody who he is: whoever reaches the address may read.
struct MetricsServer: Service {
    let page: MetricsPage
    let readiness: @Sendable () async -> Readiness
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
            onServerRunning: { [logger] channel in
                await channel.acceptOneAtATime(logger: logger)
                await started(channel.localAddress?.port ?? address.port)
            }, logger: logger)
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
        router.get("/health/live") { _, _ in try Self.answer(Health(status: "ok"), .ok) }
        let readiness = readiness
        router.get("/health/ready") { _, _ in
            let readiness = await readiness()
            let health = Health(
                status: readiness.isReady ? "ok" : "unavailable",
                checks: readiness.checks.mapValues { $0 == nil ? "ok" : "unavailable" },
                reasons: readiness.isReady ? nil : readiness.reasons)
            return try Self.answer(health, readiness.isReady ? .ok : .serviceUnavailable)
        }
        return router
    }

    /// As the API answers.
    private struct Health: Encodable {
        let status: String
        var checks: [String: String]?
        var reasons: [String: String]?
    }

    private static func answer(_ health: Health, _ status: HTTPResponse.Status) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: try encoder.encode(health))))
    }
}

/// Where operators are answered.
public struct MetricsAddress: Sendable, Equatable {
    public let host: String
    /// 0 takes a free one.
    public let port: Int

    var place: CannotListen.Named { .init(key: "METRICS_PORT", host: host, hostKey: "METRICS_HOST", port: port) }
}
