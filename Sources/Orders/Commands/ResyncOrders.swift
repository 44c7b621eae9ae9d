import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// What a round of resyncs did.
public struct ResyncRound: Sendable, Hashable {
    /// Orders of which everyone was asked to send again.
    public let resynced: Int
    /// Orders looked at, those only put off included.
    public let examined: Int
}

/// Sends again what Orders still has of orders that do not settle, and asks everyone to do the same.
public struct ResyncOrders: Command {
    public static let id: ReactionID = "orders.resync-orders"

    let limit: Int
    let isBacklogged: @Sendable (OrderID, any SQLTransaction) throws -> Bool

    /// - Parameters:
    ///   - limit: at most so many orders are examined.
    ///   - isBacklogged: whether rows of the order are still unsent, so that sending again would only add to them.
    public init(limit: Int, isBacklogged: @escaping @Sendable (OrderID, any SQLTransaction) throws -> Bool) {
        self.limit = limit
        self.isBacklogged = isBacklogged
    }

    public func execute(in step: SQLStep) throws -> Decision<ResyncRound, [OrderResync]> {
        let orders = OrderStore(step.transaction)
        let unsettled = try orders.unsettled(dueAt: step.now, limit: limit)
        var emitted: [OrderResync] = []
        for order in unsettled {
            var schedule = order.schedule
            let dueAt = schedule.dueAt(progressedAt: order.progressedAt)
            if dueAt > step.now {
                // It made progress since this time was noted. Noting it at every step would cost each order five changes of an
                // index for the rare one that gets stuck.
                try orders.reschedule(order.id, schedule, at: dueAt)
            } else if try isBacklogged(order.id, step.transaction) {
                try orders.reschedule(order.id, schedule, at: step.now + ResyncSchedule.first)
            } else {
                schedule.count = schedule.count(since: order.progressedAt) + 1
                schedule.resyncedAt = step.now
                try orders.reschedule(order.id, schedule, at: step.now + ResyncSchedule.pause(after: schedule.count))
                _ = try Outbox.requeue(
                    order.id.uuid, of: OrdersParticipant.service, except: OrderResync.type, in: step.transaction)
                emitted.append(OrderResync(orderID: order.id))
            }
        }
        return Decision(ResyncRound(resynced: emitted.count, examined: unsettled.count), emits: emitted)
    }
}
