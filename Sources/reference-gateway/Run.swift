import ArgumentParser
import Foundation
import Hummingbird
import Logging
import ReferenceGateway

/// Serves the reference gateway on a loopback address until SIGTERM or SIGINT.
@main
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference-gateway",
        abstract: "A payment gateway to develop and test against. Its book is in memory; it moves no money.",
        discussion: "REFERENCE_GATEWAY_API_KEY and REFERENCE_GATEWAY_WEBHOOK_SECRET may hold what is secret.")

    @Option(help: "Port on 127.0.0.1; 0 takes a free one.")
    var port = 4000

    @Option(help: "What callers send as their bearer token.")
    var apiKey: String?

    @Option(help: "Share of charges that are declined, 0 to 1.")
    var declineRate = 0.0

    @Option(help: "Share of calls that are carried out and never answered, 0 to 1.")
    var timeoutRate = 0.0

    @Option(help: "Share of calls that are answered with 500, 0 to 1; half of them are carried out before.")
    var errorRate = 0.0

    @Option(help: "Share of refunds that are refused, 0 to 1.")
    var refundRefusalRate = 0.0

    @Option(help: "The same seed treats the same keys alike.")
    var seed: UInt64 = 1

    @Option(help: "Where to tell what happened; PUT /webhooks/endpoint changes it.")
    var webhookURL: String?

    @Option(help: "What signs the webhooks; there are none without it.")
    var webhookSecret: String?

    @Option(help: "How often each webhook is sent, 1 to 10.")
    var webhookCopies = 1

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    func validate() throws {
        for (name, rate) in [
            ("--decline-rate", declineRate), ("--timeout-rate", timeoutRate), ("--error-rate", errorRate),
            ("--refund-refusal-rate", refundRefusalRate), ("--timeout-rate and --error-rate", timeoutRate + errorRate),
        ] where !(0...1).contains(rate) {
            throw ValidationError("\(name) is from 0 to 1")
        }
        guard (0...65_535).contains(port) else { throw ValidationError("--port is from 0 to 65535") }
        guard (1...10).contains(webhookCopies) else { throw ValidationError("--webhook-copies is from 1 to 10") }
        guard key != nil else { throw ValidationError("--api-key or REFERENCE_GATEWAY_API_KEY is required") }
        guard webhookURL == nil || secret != nil else {
            throw ValidationError("--webhook-secret or REFERENCE_GATEWAY_WEBHOOK_SECRET is required with --webhook-url")
        }
    }

    private var key: String? { apiKey ?? Self.environment["REFERENCE_GATEWAY_API_KEY"] }
    private var secret: String? { webhookSecret ?? Self.environment["REFERENCE_GATEWAY_WEBHOOK_SECRET"] }

    func run() async throws {
        var logger = Logger(label: "reference-gateway") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        var settings = Settings(apiKey: key ?? "")
        settings.declineRate = declineRate
        settings.timeoutRate = timeoutRate
        settings.errorRate = errorRate
        settings.refundRefusalRate = refundRefusalRate
        settings.seed = seed
        settings.webhook = secret.map { .init(url: webhookURL, secret: $0, copies: webhookCopies) }
        let gateway = ReferenceGateway(settings, logger: logger)
        var application = Application(
            router: gateway.router(),
            configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: nil),
            onServerRunning: { channel in
                let line = "reference-gateway is ready: http://127.0.0.1:\(channel.localAddress?.port ?? port)\n"
                FileHandle.standardOutput.write(Data(line.utf8))
            }, logger: logger)
        for service in gateway.services { application.addServices(service) }
        try await application.runService()
    }
}
