import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Calls the gateway for the payments that are due: commits to the calls, makes them at the same time, records the answers.
///
/// A poll lasts as long as its slowest call. Several lanes may run side by side: each leases rows of its own.
public struct GatewayWorker: Activity {
    public let name: String
    public let wakesOn: Set<EventType> = [ItemReserved.type, OrderCancelRequested.type, InventoryReturnHeld.type]
    public let follows: ServiceID? = PaymentsParticipant.service

    private let context: ServiceContext
    private let gateway: any PaymentGateway
    private let limit: Int
    private let due: DuePayments
    /// For answers that leave the outcome open: 0.5 s, doubling up to 60 s, jittered. There is no last attempt.
    private let backoff = RetryPolicy(retries: .max, first: .milliseconds(500), longest: .seconds(60))

    /// - Parameters:
    ///   - limit: calls at the same time.
    ///   - due: finds what is due, for all workers that run side by side; `nil`: this is the only one.
    ///   - lane: distinguishes workers that run side by side.
    public init(
        _ context: ServiceContext, gateway: any PaymentGateway, limit: Int = 32, due: DuePayments? = nil,
        lane: Int? = nil
    ) {
        self.context = context
        self.gateway = gateway
        self.limit = limit
        self.due = due ?? DuePayments(context, at: GatewayDesk(gateway, clock: context.clock))
        name = lane.map { "payments.gateway-worker-\($0)" } ?? "payments.gateway-worker"
    }

    public func poll() async throws -> Progress {
        let calls: [ClaimedPayment]
        switch try await due.next(limit, for: name) {
        case .nothing(let until): return .idle(wakeAt: until)
        case .calls(let found): calls = found
        }
        try await record(try await answers(to: calls))
        return .worked
    }

    /// What was committed to on this worker's behalf, and it did not come to, is due at once.
    public func end() async throws { try await due.end() }

    /// - Throws: the store's fault, or the last of the rows that could not be recorded.
    private func record(_ answers: [GatewayAnswer]) async throws {
        do {
            _ = try await context.commands.run(RecordGatewayAnswers(answers))
        } catch {
            if case .unavailable = SagaFault(error) { throw error }
            // One bad row must not keep the answers to its neighbours from being recorded, now and after every lease.
            var last: (any Error)?
            for answer in answers {
                do { _ = try await context.commands.run(RecordGatewayAnswers([answer])) } catch { last = error }
            }
            if let last { throw last }
        }
    }

    /// - Throws: a fault injected by a probe. What was claimed is then due again after its lease.
    private func answers(to calls: [ClaimedPayment]) async throws -> [GatewayAnswer] {
        let verdicts = try await withThrowingTaskGroup(of: (Int, GatewayVerdict).self) { group in
            for (index, call) in calls.enumerated() {
                try context.probe.reach(.gatewayBeforeCall)
                group.addTask {
                    let trace = call.traceparent.flatMap { TraceContext(traceparent: $0) }
                    return (index, await TraceContext.$current.withValue(trace) { await verdict(on: call) })
                }
            }
            var verdicts: [Int: GatewayVerdict] = [:]
            for try await (index, verdict) in group {
                try context.probe.reach(.gatewayAfterCall)
                verdicts[index] = verdict
            }
            return verdicts
        }
        // In the order of the calls, not of the answers, so that the jitter is the same for the same seed.
        return calls.enumerated().compactMap { index, call in
            verdicts[index].map { verdict in
                GatewayAnswer(
                    call, verdict,
                    retryAfter: backoff.delay(afterAttempt: call.attempt, random: context.random))
            }
        }
    }

    private func verdict(on call: ClaimedPayment) async -> GatewayVerdict {
        switch call.phase {
        case .charge:
            return GatewayVerdict(await gateway.charge(call.chargeRequest))
        case .refund:
            guard let request = call.refundRequest else { return .unknown(why: "the charge has no reference") }
            return GatewayVerdict(await gateway.refund(request))
        }
    }
}
