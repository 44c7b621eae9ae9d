import Payments
import Synchronization

extension Mutant {
    /// The gateway and how its answers are taken.
    static let gateway: [Mutant] = [
        Mutant("no answer is taken for a no") { planted, effects in
            planted.gateway = { MistakenGateway(base: $0, effects: effects, mistake: .unknownIsDeclined) }
        },
        Mutant("no answer is taken for a yes") { planted, effects in
            planted.gateway = { MistakenGateway(base: $0, effects: effects, mistake: .unknownIsCaptured) }
        },
        Mutant("each attempt has a key of its own") { planted, effects in
            planted.gateway = { MistakenGateway(base: $0, effects: effects, mistake: .freshKeys) }
        },
        Mutant("a refund does nothing and says yes") { planted, effects in
            planted.gateway = { MistakenGateway(base: $0, effects: effects, mistake: .idleRefund) }
        },
        Mutant("a refused refund is taken for done") { planted, effects in
            planted.gateway = { MistakenGateway(base: $0, effects: effects, mistake: .refusedRefundIsDone) }
        },
        Mutant("a decline is taken for a yes") { planted, effects in
            planted.gateway = { MistakenGateway(base: $0, effects: effects, mistake: .declinedIsCaptured) }
        },
        Mutant("one minor unit less is charged") { planted, effects in
            planted.gateway = { MistakenGateway(base: $0, effects: effects, mistake: .short) }
        },
    ]
}

/// The gateway as a mistaken service sees it.
private final class MistakenGateway: PaymentGateway {
    enum Mistake {
        case unknownIsDeclined, unknownIsCaptured, freshKeys, idleRefund, refusedRefundIsDone, declinedIsCaptured, short
    }

    private let base: any PaymentGateway
    private let effects: Mutant.Effects
    private let mistake: Mistake
    private let attempts = Mutex(0)

    init(base: any PaymentGateway, effects: Mutant.Effects, mistake: Mistake) {
        self.base = base
        self.effects = effects
        self.mistake = mistake
    }

    func charge(_ request: ChargeRequest) async -> ChargeAnswer {
        var request = request
        switch mistake {
        case .freshKeys:
            let attempt = attempts.withLock { attempts in
                attempts += 1
                return attempts
            }
            request = ChargeRequest(
                key: "\(request.key)/\(attempt)", orderID: request.orderID, amount: request.amount,
                currency: request.currency)
            effects.note()
        case .short:
            if let less = try? request.amount.subtracting(.init(1)), less > .zero {
                effects.note()
                request = ChargeRequest(
                    key: request.key, orderID: request.orderID, amount: less, currency: request.currency)
            }
        default: break
        }
        let answer = await base.charge(request)
        switch (answer, mistake) {
        case (.unknown(let why), .unknownIsDeclined):
            effects.note()
            return .declined(reason: why)
        case (.unknown, .unknownIsCaptured), (.declined, .declinedIsCaptured):
            effects.note()
            return .captured(reference: "sim-\(request.key)")
        default: return answer
        }
    }

    func refund(_ request: RefundRequest) async -> RefundAnswer {
        if mistake == .idleRefund {
            effects.note()
            return .refunded
        }
        let answer = await base.refund(request)
        guard mistake == .refusedRefundIsDone, case .refused = answer else { return answer }
        effects.note()
        return .refunded
    }
}
