import FoundationEssentials
import Payments
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization

func withPayments(
    seed: UInt64 = 1, probe: any Probe = NoProbe(), _ body: (ParticipantHarness) async throws -> Void
) async throws {
    try await withParticipant(
        PaymentsParticipant.make(), migrations: PaymentsMigrations.sqlite, seed: seed, probe: probe, body)
}

/// Says what the script says, and keeps what it was asked.
final class ScriptedGateway: PaymentGateway {
    private let charges: Mutex<[ChargeAnswer]>
    private let refunds: Mutex<[RefundAnswer]>
    private let meanwhile: @Sendable () async throws -> Void
    private let state = Mutex(GatewayReadiness.ready)
    let asked = Mutex<[String]>([])

    /// - Parameter meanwhile: what happens elsewhere while a call is under way.
    init(
        charges: [ChargeAnswer] = [], refunds: [RefundAnswer] = [],
        meanwhile: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.charges = Mutex(charges)
        self.refunds = Mutex(refunds)
        self.meanwhile = meanwhile
    }

    func charge(_ request: ChargeRequest) async -> ChargeAnswer {
        asked.withLock { $0.append(request.key) }
        do { try await meanwhile() } catch { return .unknown(why: "\(error)") }
        return charges.withLock { $0.isEmpty ? .unknown(why: "the script is over") : $0.removeFirst() }
    }

    func refund(_ request: RefundRequest) async -> RefundAnswer {
        asked.withLock { $0.append(request.key) }
        return refunds.withLock { $0.isEmpty ? .unknown(why: "the script is over") : $0.removeFirst() }
    }

    var readiness: GatewayReadiness { state.withLock { $0 } }

    func becomes(_ readiness: GatewayReadiness) { state.withLock { $0 = readiness } }

    var keys: [String] { asked.withLock { $0 } }
}

extension OrderCancelRequested {
    static func fixture(_ order: OrderFacts, cause: Cause = .user) -> OrderCancelRequested {
        let code: RefusalCode = cause == .deadline ? .orderDeadline : .orderCancelled
        return OrderCancelRequested(order: order, cause: cause, refusal: Refusal(code, ["after": 5]))
    }
}

extension ParticipantHarness {
    func settlement(of order: OrderFacts) async throws -> PaymentSettlement? {
        let id = order.id
        return try await read { try PaymentQueries($0).settlement(of: [id])[id] }
    }

    func state(of order: OrderFacts) async throws -> PaymentState? { try await settlement(of: order)?.state }

    func view(of order: OrderFacts) async throws -> PaymentView? {
        let id = order.id
        return try await read { try PaymentQueries($0).payment(of: id) }
    }

    /// One poll of a worker; what it emitted.
    func poll(_ gateway: any PaymentGateway, limit: Int = 32) async throws -> [Envelope] {
        _ = takeEmitted()
        _ = try await GatewayWorker(context, gateway: gateway, limit: limit).poll()
        return takeEmitted()
    }

    /// Everything that breaks an invariant.
    func violations() async throws -> [String] {
        try await read { transaction in
            try PaymentsChecks.all.flatMap { check in try check.run(in: transaction).map { "\(check.id): \($0)" } }
        }
    }

    /// The ids of the checks that find something.
    func brokenChecks() async throws -> [String] {
        try await violations().map { String($0.prefix { $0 != ":" }) }
    }

    /// What the simulated gateway's book says; `nil` if it never charged the order.
    func gatewayNet(of order: OrderFacts) async throws -> Money? {
        let id = order.id
        return try await read { try GatewayLedger.net(of: [id], in: $0)[id] }
    }

    /// A gateway that answers at once.
    func simulatedGateway(_ settings: SimulatedGateway.Settings, lots: UInt64 = 0) -> SimulatedGateway {
        SimulatedGateway(settings, database: database, clock: clock, lots: lots, pause: { _ in })
    }
}

/// Throws once at one point, as a crash there would.
final class CrashOnce: Probe {
    struct Crash: Error {}
    private let point: ProbePoint
    private let isArmed = Mutex(true)

    init(at point: ProbePoint) { self.point = point }

    func reach(_ point: ProbePoint) throws {
        guard point == self.point else { return }
        let crashes = isArmed.withLock { armed in
            defer { armed = false }
            return armed
        }
        if crashes { throw Crash() }
    }
}
