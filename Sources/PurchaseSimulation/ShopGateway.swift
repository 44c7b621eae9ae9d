import Payments
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaTesting

/// The acquirer as one life of a process reaches it: it answers late, not at all, or only after it did the work. Its book is
/// kept by the simulated gateway of the product; it is another company's, so it neither crashes nor fails with this system.
struct ShopGateway: PaymentGateway {
    let book: SimulatedGateway
    let life: ProcessLife
    /// Who tells of what happened there; `nil`: nobody.
    let notices: GatewayNotices?

    /// What becomes of one call.
    private enum Fate: Int, CaseIterable {
        /// The request never arrives.
        case lost
        /// It is carried out, the answer never comes.
        case unanswered
        /// It is carried out long after the caller gave up.
        case delayed
        /// It is carried out, and the answer takes its time.
        case slow
        /// An error that says nothing about the charge.
        case garbled
    }

    /// When a caller gives up; less than a worker's lease.
    private static let timeout = Duration.seconds(5)

    private var simulation: Simulation { life.process.simulation }

    func charge(_ request: ChargeRequest) async -> ChargeAnswer {
        await call("charge", request.orderID, ChargeAnswer.unknown) {
            let answer = await book.charge(request)
            if let pause = notices?.happened(request, answer), pause > .zero { await simulation.sleep(for: pause) }
            return answer
        }
    }

    func refund(_ request: RefundRequest) async -> RefundAnswer {
        await call("refund", request.orderID, RefundAnswer.unknown) {
            let answer = await book.refund(request)
            if let pause = notices?.happened(request, answer), pause > .zero { await simulation.sleep(for: pause) }
            return answer
        }
    }

    private func call<Answer: Sendable>(
        _ what: String, _ order: OrderID, _ unknown: (String) -> Answer, work: @escaping @Sendable () async -> Answer
    ) async -> Answer {
        let faults = simulation.faults
        do { try await life.pause("before a call to the gateway") } catch { return unknown("the process has ended") }
        guard faults.strikes(.outside) else {
            await simulation.sleep(for: .milliseconds(20))
            return told(what, order, await work())
        }
        let fate = Fate.allCases[faults.below(Fate.allCases.count, for: .outside)]
        simulation.story.tell(simulation.clock.now(), "the gateway's answer to \(what) \(order) is \(fate)")
        switch fate {
        case .lost:
            await simulation.sleep(for: Self.timeout)
            return unknown("injected: the request is lost")
        case .unanswered:
            _ = told(what, order, await work())
            await simulation.sleep(for: Self.timeout)
            return unknown("injected: the answer is lost")
        case .delayed:
            let delay = Self.timeout + faults.duration(upTo: .seconds(40), for: .outside)
            simulation.start {
                await simulation.sleep(for: delay)
                _ = told(what, order, await work())
            }
            await simulation.sleep(for: Self.timeout)
            return unknown("injected: the request is late")
        case .slow:
            await simulation.sleep(for: faults.duration(upTo: .seconds(2), for: .outside))
            let answer = told(what, order, await work())
            await simulation.sleep(for: faults.duration(upTo: .seconds(2), for: .outside))
            return answer
        case .garbled:
            return unknown("injected: 503")
        }
    }

    private func told<Answer>(_ what: String, _ order: OrderID, _ answer: Answer) -> Answer {
        simulation.story.tell(simulation.clock.now(), "the gateway carries out \(what) \(order): \(answer)")
        return answer
    }
}
