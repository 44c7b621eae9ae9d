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
    let most: Int

    /// - Parameters:
    ///   - limit: at most so many orders are examined.
    ///   - most: at most so many of them are sent again; the others stay due. `nil`: all.
    public init(limit: Int, sending most: Int? = nil) { (self.limit, self.most) = (limit, most ?? limit) }

    public func execute(in step: SQLStep) throws -> Decision<ResyncRound, [OrderResync]> {
        let orders = OrderStore(step.transaction)
        let due = try orders.unsettled(dueAt: step.now, limit: limit)
        // Since the time of some was noted they made progress. Noting it at every step would cost each order five changes of an index for
        // the rare one that gets stuck.
        let isStuck = { (order: OrderStore.Unsettled) in
            order.schedule.dueAt(progressedAt: order.progressedAt) <= step.now
        }
        let stuck = due.filter(isStuck).prefix(most).map(\.id)
        if !stuck.isEmpty {
            // It looks through the outbox: before the orders are locked, which others wait for.
            _ = try Outbox.requeue(
                stuck.map(\.uuid), of: OrdersParticipant.service, except: OrderResync.type, in: step.transaction)
        }
        let sent = Set(stuck)
        // In the order in which everybody locks them.
        for order in due.sorted(by: { $0.id.uuid < $1.id.uuid }) where sent.contains(order.id) || !isStuck(order) {
            try reschedule(order, at: step.now, in: orders)
        }
        return Decision(
            ResyncRound(resynced: stuck.count, examined: due.count),
            emits: stuck.map { OrderResync(orderID: $0) })
    }

    private func reschedule(_ order: OrderStore.Unsettled, at now: Timestamp, in orders: OrderStore) throws {
        var schedule = order.schedule
        let dueAt = schedule.dueAt(progressedAt: order.progressedAt)
        guard dueAt <= now else { return try orders.reschedule(order.id, schedule, at: dueAt) }
        schedule.count = schedule.count(since: order.progressedAt) + 1
        schedule.resyncedAt = now
        try orders.reschedule(order.id, schedule, at: now + ResyncSchedule.pause(after: schedule.count))
    }
}
