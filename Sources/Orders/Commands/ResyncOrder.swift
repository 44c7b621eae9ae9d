import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Sends again what Orders still has of one order and asks everyone to do the same, because a person wants it. It can be done at any
/// time and as often as one likes: whoever gets an event twice does nothing.
public struct ResyncOrder: Command {
    public static let id: ReactionID = "orders.resync-order"

    private let order: OrderID
    private let request: InterventionRequest

    /// - Parameters:
    ///   - order: of which everything is sent again.
    ///   - request: who asks, and why.
    public init(_ order: OrderID, _ request: InterventionRequest) {
        self.order = order
        self.request = request
    }

    /// Answers with the operation's id; `nil`: there is no such order.
    ///
    /// - Throws: ``SQLError``.
    public func execute(in step: SQLStep) throws -> Decision<UUID?, OrderResync> {
        let orders = OrderStore(step.transaction)
        guard let found = try orders.lock(order) else { return Decision(nil) }
        let isNeeded = !found.progress.isSettled
        let operation = try Interventions.noteResync(
            of: order.uuid, in: OrdersParticipant.service, by: OrderResync.type, request, isNeeded: isNeeded, step)
        try AuditLog.write(
            AuditRecord(
                service: OrdersParticipant.service, action: "orders.resynced", resource: "order",
                resourceID: order.description, actor: request.actor,
                details: [
                    "reason": request.reason, "operation": operation.uuidString.lowercased(),
                    "state": found.progress.state.rawValue, "settled": "\(!isNeeded)",
                ], correlationID: order.uuid), in: step)
        // One that was asked for and has not reached everybody yet will do the same.
        guard isNeeded, try !isUnderWay(in: step.transaction) else { return Decision(operation) }
        _ = try Outbox.requeue(
            [order.uuid], of: OrdersParticipant.service, except: OrderResync.type, in: step.transaction)
        return Decision(operation, emits: OrderResync(orderID: order))
    }

    private func isUnderWay(in transaction: any SQLTransaction) throws -> Bool {
        try OutboxReader.held(of: order.uuid, in: transaction).contains { $0.type == OrderResync.type }
    }
}
