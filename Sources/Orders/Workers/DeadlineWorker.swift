import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Keeps the one deadline there is: asks for overdue orders to be undone.
public struct DeadlineWorker: Activity {
    public let name = "orders.deadline-worker"
    public var wakesOn: Set<EventType> { [CouponValidationRequested.type, OrderCreated.type] }

    private let context: ServiceContext
    private let limit: Int
    private let hint = DueHint()

    /// - Parameter limit: how many orders one poll takes.
    public init(_ context: ServiceContext, limit: Int = 100) {
        self.context = context
        self.limit = limit
    }

    public func poll() async throws -> Progress {
        let now = context.clock.now()
        if let look = hint.nextLook(at: now) { return .idle(wakeAt: look) }
        let next = try await context.database.read { try OrderStore($0).nextDeadline() }
        hint.looked(at: now, next: next)
        guard let next, next <= context.clock.now() else { return .idle(wakeAt: next) }
        _ = try await context.commands.run(ExpireOrders(limit: limit))
        return .worked
    }
}
