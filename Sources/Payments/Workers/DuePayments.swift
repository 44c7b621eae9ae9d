import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Finds and claims what is due at the gateway, for workers side by side: those that ask at the same time share one look and one
/// claim, and whoever asks while others are answered is answered by the next look.
public final class DuePayments: Sendable {
    enum Answer: Sendable {
        /// These calls are the worker's.
        case calls([ClaimedPayment])
        /// There is nothing for it before this time; `nil`: before an event.
        case nothing(until: Timestamp?)
    }

    private let batcher: CallBatcher<Int, Answer>

    /// For the workers of one gateway.
    ///
    /// - Parameter lease: how long another process leaves a row alone; longer than the gateway's own time-out.
    public init(_ context: ServiceContext, gateway: any PaymentGateway, lease: Duration = .seconds(10)) {
        batcher = CallBatcher(limit: 64) { limits in
            do {
                return try await Self.answers(to: limits, context, gateway, lease).map { .success($0) }
            } catch {
                return limits.map { _ in .failure(error) }
            }
        }
    }

    /// - Parameter limit: calls that the worker makes at the same time.
    /// - Throws: the store's fault.
    func next(_ limit: Int) async throws -> Answer { try await batcher.run(limit) }

    private static func answers(
        to limits: [Int], _ context: ServiceContext, _ gateway: any PaymentGateway, _ lease: Duration
    ) async throws -> [Answer] {
        let nextDueAt = try await context.database.read { try PaymentQueries($0).nextDueAt(of: gateway.book) }
        guard let nextDueAt, nextDueAt <= context.clock.now() else {
            return limits.map { _ in .nothing(until: nextDueAt) }
        }
        let readiness = gateway.readiness
        if case .resting(let until) = readiness { return limits.map { _ in .nothing(until: until) } }
        let limits = readiness == .probing ? limits.indices.map { $0 == 0 ? 1 : 0 } : limits
        var claimed = try await context.commands.run(
            ClaimDuePayments(limit: limits.reduce(0, +), lease: lease, book: gateway.book))[...]
        return limits.map { limit in
            let part = Array(claimed.prefix(limit))
            claimed = claimed.dropFirst(limit)
            // The rest was claimed by these workers, or is being claimed by another process.
            return part.isEmpty ? .nothing(until: context.clock.now() + .milliseconds(20)) : .calls(part)
        }
    }
}
