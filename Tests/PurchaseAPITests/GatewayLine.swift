import Payments
import Synchronization

/// The line to a gateway, which loses answers as often as a test wants, and less often later.
final class GatewayLine: PaymentGateway {
    private let gateway: @Sendable (Double) -> any PaymentGateway
    private let current: Mutex<any PaymentGateway>

    /// - Parameter gateway: the same gateway for each rate of lost answers, 0…1: what it has charged is in the database.
    init(_ gateway: @escaping @Sendable (Double) -> any PaymentGateway) {
        self.gateway = gateway
        current = Mutex(gateway(0))
    }

    /// - Parameter rate: of answers, from now on; 0…1.
    func lose(_ rate: Double) {
        let gateway = gateway(rate)
        current.withLock { $0 = gateway }
    }

    func charge(_ request: ChargeRequest) async -> ChargeAnswer {
        await current.withLock { $0 }.charge(request)
    }

    func refund(_ request: RefundRequest) async -> RefundAnswer {
        await current.withLock { $0 }.refund(request)
    }
}
