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
    let backlogged: @Sendable ([OrderID], any SQLTransaction) throws -> Set<OrderID>

    /// - Parameters:
    ///   - limit: at most so many orders are examined.
    ///   - backlogged: the orders of which rows are still unsent, so that sending again would only add to them.
    public init(limit: Int, backlogged: @escaping @Sendable ([OrderID], any SQLTransaction) throws -> Set<OrderID>) {
        self.limit = limit
        self.backlogged = backlogged
    }

    public func execute(in step: SQLStep) throws -> Decision<ResyncRound, [OrderResync]> {
        let orders = OrderStore(step.transaction)
        let unsettled = try orders.unsettled(dueAt: step.now, limit: limit)
        var (stuck, putOff) = ([OrderID](), [OrderID]())
        let unsent = try backlogged(unsettled.map(\.id), step.transaction)
        for order in unsettled {
            var schedule = order.schedule
            let dueAt = schedule.dueAt(progressedAt: order.progressedAt)
            if dueAt > step.now {
                // It made progress since this time was noted. Noting it at every step would cost each order five changes of an
                // index for the rare one that gets stuck.
                try orders.reschedule(order.id, schedule, at: dueAt)
            } else if unsent.contains(order.id) {
                putOff.append(order.id)
            } else {
                schedule.count = schedule.count(since: order.progressedAt) + 1
                schedule.resyncedAt = step.now
                try orders.reschedule(order.id, schedule, at: step.now + ResyncSchedule.pause(after: schedule.count))
                stuck.append(order.id)
            }
        }
        try orders.putOff(putOff, until: step.now + ResyncSchedule.first)
        guard !stuck.isEmpty else { return Decision(ResyncRound(resynced: 0, examined: unsettled.count)) }
        _ = try Outbox.requeue(
            stuck.map(\.uuid), of: OrdersParticipant.service, except: OrderResync.type, in: step.transaction)
        return Decision(
            ResyncRound(resynced: stuck.count, examined: unsettled.count),
            emits: stuck.map { OrderResync(orderID: $0) })
    }
}
