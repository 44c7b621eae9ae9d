import FoundationEssentials
import HTTPPaymentGateway
import Hummingbird
import HummingbirdTesting
import Logging
import Payments
import PurchaseContracts
import PurchaseFixtures
import ReferenceGateway
import SagaChoreography
import SagaTesting
import Synchronization

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Replies as a script says, and keeps what it was sent.
final class ScriptedTransport: GatewayTransport {
    private let script: Mutex<[Result<GatewayReply, ExchangeFailure>]>
    private let seen = Mutex<[GatewayRequest]>([])

    init(_ script: [Result<GatewayReply, ExchangeFailure>]) { self.script = Mutex(script) }

    var requests: [GatewayRequest] { seen.withLock { $0 } }

    func exchange(_ request: GatewayRequest) async throws(ExchangeFailure) -> GatewayReply {
        seen.withLock { $0.append(request) }
        let next = script.withLock { $0.isEmpty ? .failure(.timedOut) : $0.removeFirst() }
        return try next.get()
    }
}

extension Result where Success == GatewayReply, Failure == ExchangeFailure {
    static func reply(_ status: Int, _ body: String = "") -> Self {
        .success(GatewayReply(status: status, body: Data(body.utf8)))
    }
}

extension ChargeRequest {
    init(_ order: OrderFacts, amount: Money? = nil) {
        self.init(
            key: order.id.description, orderID: order.id, amount: amount ?? order.final, currency: order.currency)
    }
}

extension RefundRequest {
    init(_ order: OrderFacts, reference: String, key: String = "refund") {
        self.init(
            key: "\(order.id)/\(key)", reference: reference, orderID: order.id, amount: order.final,
            currency: order.currency)
    }
}

extension Settings {
    /// One thing goes wrong so often.
    static func misbehaving(_ rate: WritableKeyPath<Settings, Double>, _ share: Double) -> Settings {
        var settings = Settings(apiKey: Served.apiKey)
        settings[keyPath: rate] = share
        return settings
    }
}

/// A reference gateway that listens, and a client of it.
struct Served: Sendable {
    static let apiKey = "key-of-the-tests-9f3b"

    let reference: ReferenceGateway
    let gateway: HTTPPaymentGateway

    /// - Parameters:
    ///   - timeout: when the client gives up; generous unless the test waits for it.
    ///   - apiKey: what the client sends.
    static func run(
        _ settings: Settings = Settings(apiKey: Served.apiKey), timeout: Duration = .seconds(30),
        apiKey: String = Served.apiKey, _ body: @escaping @Sendable (Served) async throws -> Void
    ) async throws {
        let reference = ReferenceGateway(settings, logger: silent)
        let application = Application(
            router: reference.router(), configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: silent)
        try await application.test(.live) { client in
            guard let port = client.port else { throw NotListening() }
            let transport = HTTPClientTransport(url: "http://127.0.0.1:\(port)", apiKey: apiKey, timeout: timeout)
            // Never left alone: the gateway misbehaves on purpose, and this clock stands still.
            let gateway = HTTPPaymentGateway(
                transport, breaker: CircuitBreaker(.init(calls: .max)), clock: ManualClock(),
                random: SeededRandom(seed: 1), logger: silent)
            do {
                try await body(Served(reference: reference, gateway: gateway))
            } catch {
                try await transport.shutdown()
                throw error
            }
            try await transport.shutdown()
        }
    }

    struct NotListening: Error {}
}
