import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Finds and claims what is due at the gateway, for workers side by side: those that ask at the same time share one look and one
/// claim, and whoever asks while others are answered is answered by the next look. What was committed to as it was opened lies on the
/// desk and needs neither.
public final class DuePayments: Sendable {
    enum Answer: Sendable {
        /// These calls are the worker's.
        case calls([ClaimedPayment])
        /// There is nothing for it before this time; `nil`: before an event.
        case nothing(until: Timestamp?)
    }

    private struct Ask: Sendable {
        let worker: String
        let limit: Int
    }

    private let batcher: CallBatcher<Ask, Answer>
    private let context: ServiceContext
    private let desk: GatewayDesk

    /// For the workers of one gateway.
    ///
    /// - Parameter desk: where calls are handed over that were committed to as their payments were opened; this is the only one at it.
    public init(_ context: ServiceContext, at desk: GatewayDesk) {
        self.context = context
        self.desk = desk
        context.database.listen { [weak desk] in desk?.hear($0) }
        batcher = CallBatcher(limit: 64) { asks in
            do {
                return try await Self.answers(to: asks, context, desk).map { .success($0) }
            } catch {
                return asks.map { _ in .failure(error) }
            }
        }
    }

    /// - Parameters:
    ///   - limit: calls that the worker makes at the same time.
    ///   - worker: its name.
    /// - Throws: the store's fault.
    func next(_ limit: Int, for worker: String) async throws -> Answer {
        try await batcher.run(Ask(worker: worker, limit: limit))
    }

    /// No worker asks any more: leaves what was committed to for them to others.
    func end() async throws {
        try await Self.release(desk.close(), context, desk)
    }

    private static func answers(
        to asks: [Ask], _ context: ServiceContext, _ desk: GatewayDesk
    ) async throws -> [Answer] {
        desk.arrive(asks.map(\.worker))
        let looks = desk.mustLook(at: context.clock.now())
        let isDue = looks ? try await look(context, desk) : false
        func nothing(for ask: Ask) -> Answer { .nothing(until: desk.wait(ask.worker, for: ask.limit, looked: looks)) }
        guard isDue || desk.count > 0 else { return asks.map(nothing) }
        let readiness = desk.gateway.readiness
        if case .resting(let until) = readiness {
            try await release(desk.take(0, keepsRest: false).givenUp, context, desk)
            return asks.map { _ in .nothing(until: until) }
        }
        let limits = asks.enumerated().map { readiness == .probing ? ($0.offset == 0 ? 1 : 0) : $0.element.limit }
        let total = limits.reduce(0, +)
        var calls: [ClaimedPayment] = []
        if isDue, desk.count < total {
            // Whatever is claimed here: some that is due may be left.
            desk.forgetLook()
            calls = try await context.commands.run(
                ClaimDuePayments(limit: total - desk.count, lease: desk.lease, book: desk.gateway.book))
        }
        let handed = desk.take(total - calls.count, keepsRest: readiness == .ready)
        calls += handed.calls
        try await release(handed.givenUp, context, desk)
        var rest = calls[...]
        return zip(asks, limits).map { ask, limit in
            let part = Array(rest.prefix(limit))
            rest = rest.dropFirst(limit)
            if !part.isEmpty { return .calls(part) }
            // The rest was claimed by these workers, or is being claimed by another process.
            return isDue ? .nothing(until: context.clock.now() + .milliseconds(20)) : nothing(for: ask)
        }
    }

    /// Makes due at once what this process committed to calling and does not come to.
    private static func release(_ calls: [ClaimedPayment], _ context: ServiceContext, _ desk: GatewayDesk) async throws
    {
        guard !calls.isEmpty else { return }
        desk.forgetLook()
        _ = try await context.commands.run(ReleasePayments(orders: calls.map(\.orderID)))
    }

    /// - Returns: whether something is due.
    private static func look(_ context: ServiceContext, _ desk: GatewayDesk) async throws -> Bool {
        desk.beginLook()
        let nextDueAt = try await context.database.read { try PaymentQueries($0).nextDueAt(of: desk.gateway.book) }
        let now = context.clock.now()
        desk.looked(at: now, nextDueAt: nextDueAt)
        return nextDueAt.map { $0 <= now } ?? false
    }
}
