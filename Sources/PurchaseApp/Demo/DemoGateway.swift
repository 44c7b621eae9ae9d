import Payments
import PurchaseContracts
import SQLCore
import SagaChoreography
import Synchronization

/// The simulated gateway, told how to behave: it captures, declines, or carries out the charge and leaves its caller without
/// an answer until some time.
final class DemoGateway: PaymentGateway {
    enum Behaviour: Sendable, Hashable {
        case captures
        case declines
        /// Calls before `time` are carried out, but their answers are lost.
        case loses(until: Timestamp)
    }

    /// How long a caller waits for an answer.
    private static let patience = Duration.milliseconds(400)

    private let willing: SimulatedGateway
    private let refusing: SimulatedGateway
    private let behaviour = Mutex(Behaviour.captures)
    private let clock: any SagaClock
    private let recorder: DemoRecorder
    private let wait: @Sendable (Duration) async throws -> Void

    init(
        _ database: any SQLDatabase, clock: any SagaClock, recorder: DemoRecorder,
        wait: @escaping @Sendable (Duration) async throws -> Void
    ) {
        func gateway(_ successRate: Double) -> SimulatedGateway {
            let soon = Duration.milliseconds(20)
            return SimulatedGateway(
                .init(successRate: successRate, latency: soon...soon), database: database, clock: clock, pause: wait)
        }
        willing = gateway(1)
        refusing = gateway(0)
        self.clock = clock
        self.recorder = recorder
        self.wait = wait
    }

    func behave(_ how: Behaviour) { behaviour.withLock { $0 = how } }

    func charge(_ request: ChargeRequest) async -> ChargeAnswer {
        let answer: ChargeAnswer
        switch behaviour.withLock({ $0 }) {
        case .captures: answer = await willing.charge(request)
        case .declines: answer = await refusing.charge(request)
        case .loses(let time): answer = await charge(request, losingAnswersUntil: time)
        }
        let said: DemoStep.GatewayCall.Answer =
            switch answer {
            case .captured: .captured
            case .declined: .declined
            case .unknown: .none
            }
        recorder.called(.init(.charge, request.amount.minorUnits, said))
        return answer
    }

    private func charge(_ request: ChargeRequest, losingAnswersUntil time: Timestamp) async -> ChargeAnswer {
        let isLost = clock.now() < time
        let answer = await willing.charge(request)
        guard isLost else { return answer }
        do { try await wait(Self.patience) } catch { return .unknown(why: "the demo was ended") }
        return .unknown(why: "no answer within \(Self.patience.wholeMilliseconds) ms")
    }

    func refund(_ request: RefundRequest) async -> RefundAnswer {
        let answer = await willing.refund(request)
        let said: DemoStep.GatewayCall.Answer =
            switch answer {
            case .refunded: .refunded
            case .refused: .refused
            case .unknown: .none
            }
        recorder.called(.init(.refund, request.amount.minorUnits, said))
        return answer
    }
}
