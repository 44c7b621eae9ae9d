import FoundationEssentials
import Payments
import PurchaseContracts
import SagaChoreography
import SagaTesting
import Synchronization

/// What the gateway tells of its own accord: each thing that happened there under an id of its own, before its answer to the call, long
/// after it, or twice; some things it never tells. Of a refund it may or may not say which one it was.
final class GatewayNotices: Sendable {
    private struct State {
        var told: Set<String> = []
        var reached: Set<String> = []
    }

    private unowned let world: ShopWorld
    private let planted: @Sendable (GatewayEvent) -> GatewayEvent
    private let state = Mutex(State())
    private var simulation: Simulation { world.simulation }

    /// How often a notice is sent that is not taken.
    private static let attempts = 30

    /// - Parameter planted: changes what is told.
    init(_ world: ShopWorld, _ planted: @escaping @Sendable (GatewayEvent) -> GatewayEvent) {
        self.world = world
        self.planted = planted
    }

    /// What notices met, as goals.
    var reached: Set<String> { state.withLock { $0.reached } }

    /// - Returns: how long the gateway keeps its answer back: what it tells at once comes before that.
    func happened(_ request: ChargeRequest, _ answer: ChargeAnswer) -> Duration {
        switch answer {
        case .captured(let reference):
            tell(.chargeCaptured, request.key, request.orderID, reference, request.amount, request.currency)
        case .declined: tell(.chargeDeclined, request.key, request.orderID, nil, request.amount, request.currency)
        case .unknown: .zero
        }
    }

    /// - Returns: as above.
    func happened(_ request: RefundRequest, _ answer: RefundAnswer) -> Duration {
        switch answer {
        case .refunded:
            tell(
                .refundSucceeded, request.key, request.orderID, request.reference, request.amount, request.currency)
        case .refused:
            tell(.refundRefused, request.key, request.orderID, request.reference, request.amount, request.currency)
        case .unknown: .zero
        }
    }

    private func tell(
        _ kind: GatewayEvent.Kind, _ key: String, _ order: OrderID, _ reference: String?, _ amount: Money,
        _ currency: Currency
    ) -> Duration {
        let id = "\(kind.rawValue) \(key)"
        guard state.withLock({ $0.told.insert(id).inserted }) else { return .zero }
        let dice = simulation.random(for: "notices of \(id)")
        guard dice.chance(75) else { return .zero }
        let isFirst = dice.chance(50)
        let refund = dice.chance(70) ? ClaimedPayment.refund(named: key) : nil
        let event = planted(
            GatewayEvent(
                id: id, digest: Data(repeating: 1, count: 32), kind: kind, orderID: order, reference: reference,
                amount: amount, currency: currency, reason: "simulated", refundID: refund))
        let what = ClaimedPayment.refund(named: key) == nil ? kind.rawValue : "\(kind.rawValue) of an order"
        for copy in 0..<(1 + dice.below(2)) {
            let delay = Duration.milliseconds(dice.below(isFirst && copy == 0 ? 30 : 60_000))
            simulation.start { [self] in
                await simulation.sleep(for: delay)
                await deliver(event, what)
            }
        }
        return isFirst ? .milliseconds(500) : .zero
    }

    /// Sends it until it is taken, or enough is enough.
    private func deliver(_ event: GatewayEvent, _ what: String) async {
        for _ in 0..<Self.attempts {
            guard let system = world.system(for: PaymentsParticipant.service) else {
                await simulation.sleep(for: .milliseconds(700))
                continue
            }
            do {
                let outcome = try await system.commands(of: PaymentsParticipant.service).run(RecordGatewayEvent(event))
                simulation.story.tell(
                    simulation.clock.now(), "the gateway tells \(what) of \(event.orderID): \(outcome.rawValue)")
                _ = state.withLock { $0.reached.insert("the gateway tells: \(what) → \(outcome.rawValue)") }
                guard outcome == .early else { return }
                await simulation.sleep(for: .seconds(5))
            } catch {
                await simulation.sleep(for: .seconds(1))
            }
        }
    }
}
