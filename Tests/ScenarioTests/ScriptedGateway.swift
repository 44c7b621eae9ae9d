import Payments
import PurchaseContracts
import SQLCore
import SagaChoreography
import Synchronization

/// A gateway that answers each order as the test says. Its book is that of the simulated gateway, so `verify` reads it.
final class ScriptedGateway: PaymentGateway {
    /// What becomes of one order's payment.
    struct Script: Sendable {
        var captures = true
        var refunds = true
        /// Until then calls get no answer; `nil`: answered at once.
        var silentUntil: Timestamp?
        /// Until then refunds get no answer; `nil`: answered at once.
        var refundsSilentUntil: Timestamp?
        /// Whether calls without an answer are carried out nevertheless.
        var arrives = true
    }

    private struct State {
        var scripts: [OrderID: Script] = [:]
        var usual = Script()
        var charges: [OrderID: Int] = [:]
        var duringCharge: (@Sendable (OrderID) async throws -> Void)?
    }

    private let willing: SimulatedGateway
    private let refusing: SimulatedGateway
    private let clock: any SagaClock
    private let state = Mutex(State())

    init(_ database: any SQLDatabase, clock: any SagaClock) {
        self.clock = clock
        willing = SimulatedGateway(.init(successRate: 1), database: database, clock: clock, pause: { _ in })
        refusing = SimulatedGateway(
            .init(successRate: 0, refundRefusalRate: 1), database: database, clock: clock, pause: { _ in })
    }

    /// Changes what becomes of an order's payment, or of all that have no script of their own.
    func script(_ order: OrderID? = nil, _ change: (inout Script) -> Void) {
        state.withLock { state in
            guard let order else { return change(&state.usual) }
            change(&state.scripts[order, default: state.usual])
        }
    }

    /// Does something while a charge is on its way: after the worker committed to it, before its answer is recorded.
    func duringCharge(_ body: (@Sendable (OrderID) async throws -> Void)?) {
        state.withLock { $0.duringCharge = body }
    }

    /// How often the gateway was asked to charge an order.
    func charges(of order: OrderID) -> Int { state.withLock { $0.charges[order] ?? 0 } }

    func charge(_ request: ChargeRequest) async -> ChargeAnswer {
        let (script, interlude) = state.withLock { state in
            state.charges[request.orderID, default: 0] += 1
            return (state.scripts[request.orderID] ?? state.usual, state.duringCharge)
        }
        do { try await interlude?(request.orderID) } catch { return .unknown(why: "the interlude failed: \(error)") }
        let isSilent = script.silentUntil.map { clock.now() < $0 } ?? false
        if isSilent && !script.arrives { return .unknown(why: "silent") }
        let answer = await (script.captures ? willing : refusing).charge(request)
        return isSilent ? .unknown(why: "silent") : answer
    }

    func refund(_ request: RefundRequest) async -> RefundAnswer {
        let script = state.withLock { $0.scripts[request.orderID] ?? $0.usual }
        let isSilent = script.refundsSilentUntil.map { clock.now() < $0 } ?? false
        if isSilent && !script.arrives { return .unknown(why: "silent") }
        let answer = await (script.refunds ? willing : refusing).refund(request)
        return isSilent ? .unknown(why: "silent") : answer
    }
}
