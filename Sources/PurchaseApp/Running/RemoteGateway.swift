import HTTPPaymentGateway
import Logging
import Payments
import PurchaseContracts
import SQLCore
import SagaChoreography

/// The configured gateway at the other end of a network, with its connections.
struct RemoteGateway: Sendable {
    let gateway: any PaymentGateway
    private let transport: HTTPClientTransport

    /// `nil` if payments are simulated.
    init?(_ configuration: PurchaseConfiguration, logger: Logger) {
        guard case .http(let settings) = configuration.payment.gateway else { return nil }
        transport = HTTPClientTransport(
            url: settings.url, apiKey: settings.apiKey, timeout: configuration.payment.timeout)
        gateway = HTTPPaymentGateway(
            transport, clock: SystemClock(), random: SystemRandom(), logger: logger, watch: GatewayCounters())
    }

    func close() async throws { try await transport.shutdown() }

    /// What has been asked of one gateway must not be asked of another: it would be charged a second time.
    ///
    /// - Throws: ``ConfigurationProblems`` if payments wait for a gateway that is no longer configured; ``SQLError``.
    static func checkSwitch(_ configuration: PurchaseConfiguration, _ database: any SQLDatabase) async throws {
        let book = configuration.payment.gateway.book
        let waiting = try await database.read { try PaymentQueries($0).waiting(forOtherThan: book) }
        guard waiting > 0 else { return }
        throw ConfigurationProblems([
            .init(
                key: ConfigurationKey.paymentGateway.rawValue,
                what: """
                    is not what it was when \(waiting) payments were begun that are still open; \
                    go on with the gateway of before until they are decided
                    """)
        ])
    }
}

extension PurchaseConfiguration.Gateway {
    /// Where it keeps its book of charges.
    public var book: GatewayBook {
        switch self {
        case .simulated: .here
        case .http: .elsewhere
        }
    }

    var webhookSecret: String? {
        switch self {
        case .simulated: nil
        case .http(let settings): settings.webhookSecret
        }
    }
}

/// For a process that calls no gateway: it commits to no charge.
struct UnreachedGateway: PaymentGateway {
    let clock: any SagaClock

    var book: GatewayBook { .elsewhere }
    var readiness: GatewayReadiness { .resting(until: clock.now() + .seconds(60)) }

    func charge(_ request: ChargeRequest) async -> ChargeAnswer { .unknown(why: "this process calls no gateway") }
    func refund(_ request: RefundRequest) async -> RefundAnswer { .unknown(why: "this process calls no gateway") }
}
