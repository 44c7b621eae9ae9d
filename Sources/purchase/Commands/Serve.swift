import ArgumentParser
import Foundation
import Logging
import PurchaseApp

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the services and the HTTP API, or some of them.",
        discussion: "Applies missing migrations first, if its role may. Ends in an orderly way on SIGTERM and SIGINT.")

    @OptionGroup var options: ConfigurationOptions

    @Option(name: .long, help: "Port to listen on (PORT); 0 takes a free one.")
    var port: Int?

    @Option(name: .long, help: "Address to listen on (HOST).")
    var host: String?

    @Option(
        name: .long,
        help:
            "What this process does (SERVICES): all, or some of api, orders, coupons, users, inventory, items, payments, notifications, audit."
    )
    var services: String?

    func run() async throws {
        let configuration = try await options.load([
            .port: port.map(String.init), .host: host, .services: services,
        ])
        LogOutput.bootstrap(configuration)
        let server = PurchaseServer(configuration, metrics: .bootstrap(), logger: Logger(label: "purchase"))
        try await failing {
            do {
                try await server.run { ports in Self.greet(configuration, ports) }
            } catch let problem as CannotListen {
                complain("purchase: \(problem)")
                throw ExitCode(69)
            }
        }
    }

    private static func greet(_ configuration: PurchaseConfiguration, _ ports: PurchaseServer.Ports) {
        guard let port = ports.api else { return greetWorker(configuration, ports) }
        let host = configuration.host == "0.0.0.0" ? "127.0.0.1" : configuration.host
        let url = "\(configuration.tls == nil ? "http" : "https")://\(host):\(port)"
        var lines = ["\(configuration.appName) \(PurchaseServer.version) is ready: \(url)"]
        if !configuration.services.isComplete { lines.append("Here  \(configuration.services.name)") }
        if configuration.stage != .production, configuration.isLoopback {
            lines += [
                "",
                "Open  \(url)/items  (the catalogue; it fills with the first command below)",
                "Try   in another terminal, as they stand:",
                "",
                "  # 1. a user with money, three items, and tokens",
                "  DATA=$(curl -s -X POST \(url)/setup-test-data); echo \"$DATA\"",
                "",
                "  # 2. an order; the answer waits for its end",
                "  \(Self.order(url))",
                "",
                "  # 3. what the user owns now",
                "  \(Self.inventory(url))",
                "",
                "See   how orders go, fail and are cancelled, without a server: make demo",
                "",
            ]
        }
        if let port = ports.metrics, let metrics = configuration.metrics {
            lines.append("Metrics at http://\(metrics.host):\(port)/metrics")
        }
        lines.append("Stop  with Ctrl-C")
        StandardOutput.write(lines.joined(separator: "\n"))
    }

    private static func greetWorker(_ configuration: PurchaseConfiguration, _ ports: PurchaseServer.Ports) {
        var lines = [
            "\(configuration.appName) \(PurchaseServer.version) is ready: works on \(configuration.services.name); no API here"
        ]
        if let port = ports.metrics, let metrics = configuration.metrics {
            lines.append("Metrics at http://\(metrics.host):\(port)/metrics")
        }
        lines.append("Stop  with Ctrl-C")
        StandardOutput.write(lines.joined(separator: "\n"))
    }

    /// `sed` picks the values out of the answer, so that no JSON tool is needed.
    private static func pick(_ pattern: String) -> String {
        #"$(echo "$DATA" | sed -nE 's/.*\#(pattern).*/\1/p')"#
    }

    private static let token = pick(#""tokens":\{[^}]*"user":"([^"]+)""#)
    private static let user = pick(#""user":\{[^}]*"id":"([^"]+)""#)
    private static let item = pick(#""items":\[[^]]*"id":"([^"]+)""#)

    private static func order(_ url: String) -> String {
        "curl -s -X POST \(url)/orders -H \"Authorization: Bearer \(token)\" -H 'Content-Type: application/json' "
            + "-H 'Prefer: wait=5' -d \"{\\\"userId\\\":\\\"\(user)\\\",\\\"itemId\\\":\\\"\(item)\\\",\\\"quantity\\\":1}\""
    }

    private static func inventory(_ url: String) -> String {
        "curl -s \(url)/user/\(user)/inventory -H \"Authorization: Bearer \(token)\""
    }
}
