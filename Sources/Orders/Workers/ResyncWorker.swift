import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Gets orders going again that do not settle: see ``ResyncOrders``.
public struct ResyncWorker: Activity {
    public let name = "orders.resync-worker"
    public var wakesOn: Set<EventType> {
        [CouponValidationRequested.type, OrderCreated.type, OrderRefundRequested.type]
    }

    /// After a full round: so a large backlog is sent again bit by bit.
    static let pauseAfterFullRound: Duration = .seconds(1)
    /// So many times as long as a round took it rests: each looks through the whole outbox, and so does every service that it asks.
    static let restFactor = 20
    /// But never longer than this.
    static let longestRest: Duration = .seconds(15)

    private let context: ServiceContext
    private let limit: Int
    private let hint = DueHint()
    private let backlogged: @Sendable ([OrderID], any SQLTransaction) throws -> Set<OrderID>

    /// - Parameters:
    ///   - limit: how many orders one poll examines.
    ///   - backlogged: the orders of which events may still be on their way.
    public init(
        _ context: ServiceContext, limit: Int = 500,
        backlogged: @escaping @Sendable ([OrderID], any SQLTransaction) throws -> Set<OrderID> = { _, _ in [] }
    ) {
        self.context = context
        self.limit = limit
        self.backlogged = backlogged
    }

    public func poll() async throws -> Progress {
        let now = context.clock.now()
        if let look = hint.nextLook(at: now) { return .idle(wakeAt: look) }
        let next = try await context.database.read { try OrderStore($0).nextResync() }
        hint.looked(at: now, next: next)
        guard let next, next <= context.clock.now() else { return .idle(wakeAt: next) }
        let round = try await context.commands.run(ResyncOrders(limit: limit, backlogged: backlogged))
        guard round.resynced > 0 else { return .worked }
        let end = context.clock.now()
        let rest = max(
            round.resynced == limit ? Self.pauseAfterFullRound : .zero,
            min((end - now) * Self.restFactor, Self.longestRest))
        guard rest > .zero else { return .worked }
        // Kept also when a new order wakes this worker.
        hint.rest(for: rest, from: end)
        return .idle(wakeAt: end + rest)
    }
}
