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

    /// - Parameter limit: at most so many orders are examined.
    public init(limit: Int) { self.limit = limit }

    public func execute(in step: SQLStep) throws -> Decision<ResyncRound, [OrderResync]> {
        let orders = OrderStore(step.transaction)
        let unsettled = try orders.unsettled(dueAt: step.now, limit: limit)
        // Since the time of some was noted they made progress. Noting it at every step would cost each order five changes of an index for
        // the rare one that gets stuck.
        let stuck = unsettled.filter { $0.schedule.dueAt(progressedAt: $0.progressedAt) <= step.now }.map(\.id)
        if !stuck.isEmpty {
            // It looks through the outbox: before the orders are locked, which others wait for.
            _ = try Outbox.requeue(
                stuck.map(\.uuid), of: OrdersParticipant.service, except: OrderResync.type, in: step.transaction)
        }
        // In the order in which everybody locks them.
        for order in unsettled.sorted(by: { $0.id.uuid < $1.id.uuid }) {
            try reschedule(order, at: step.now, in: orders)
        }
        return Decision(
            ResyncRound(resynced: stuck.count, examined: unsettled.count),
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
