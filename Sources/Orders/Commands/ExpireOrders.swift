import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Asks for overdue orders to be undone; answers how many.
public struct ExpireOrders: Command {
    public static let id: ReactionID = "orders.expire-orders"

    let limit: Int

    public init(limit: Int) { self.limit = limit }

    public func execute(in step: SQLStep) throws
        -> Decision<Int, [Either<Either<OrderFailed, OrderCancelled>, OrderCancelRequested>]>
    {
        let transitions = OrderTransitions(step)
        let ending = OrderEnding(cause: .deadline, refusal: Refusal(.orderDeadline))
        var emitted: [CancelledOrder] = []
        for id in try transitions.orders.overdue(at: step.now, limit: limit) {
            guard let order = try transitions.orders.lock(id) else { continue }
            if case .accept(let emission) = try transitions.cancel(order, because: ending) { emitted.append(emission) }
        }
        return Decision(emitted.count, emits: emitted)
    }
}
