import Inventory
import Items
import Notifications
import Orders
import Payments
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import Users

extension PurchaseSystem {
    /// What administrators may do to messages that could not be handled.
    ///
    /// - Parameter name: as whom they do it.
    public func deadLetters(as name: ServiceID, clock: any SagaClock, ids: any IDGenerator) -> DeadLetters {
        DeadLetters(
            on: databases, commands: { commands(for: name, on: $0) }, rules: Self.deadLetterRules(participants),
            clock: clock, ids: ids)
    }

    /// Decisions do not follow this process's channels: another one may be the one that notifies, so a message that any channel would
    /// carry has an effect.
    ///
    /// An edit may only say what the rows confirm, field by field: an order's facts, and how much its user may own. Whatever else an event
    /// decides by itself (a price, a discount, a cause) nobody may make up.
    static func deadLetterRules(_ participants: [SQLParticipant]) -> DeadLetterRules {
        let everyChannel = NotificationsParticipant.make(channels: ["console", "email", "webhook"])
        return DeadLetterRules(
            participants: participants.map { $0.service == everyChannel.service ? everyChannel : $0 },
            stateTables: stateTables,
            reopening: reopening
        ) { event, databases in
            let orders = databases[OrdersParticipant.service]
            switch event {
            case let event as any BareOrderEvent:
                let facts = event.order
                return try await orders.read { try OrderQueries($0).contradicts(facts) }
            case let event as any BareRefundEvent:
                let (facts, refund) = (event.order, event.refundID)
                return try await orders.read { transaction in
                    let queries = OrderQueries(transaction)
                    return try queries.contradicts(facts) || !queries.hasRefund(refund, of: facts.id)
                }
            case let event as PaymentReserved:
                if try await orders.read({ try OrderQueries($0).contradicts(event.order) }) { return true }
                let user = try await databases[UsersParticipant.service].read {
                    try UserQueries($0).user(event.order.userID)
                }
                return user?.slotCapacity != event.slotCapacity
            default: return true
            }
        }
    }

    /// What begins and carries a refund finds rows that the order's own end has closed, possibly late
    /// (decision 33), and leaves them in a state in which it does nothing any more.
    private static let reopening: [EventType: [ServiceID: Set<String>]] = [
        OrderRefundRequested.type: [
            InventoryParticipant.service: [GoodsHoldState.granted.rawValue, GoodsHoldState.returning.rawValue]
        ],
        InventoryReturnHeld.type: [
            PaymentsParticipant.service: [PaymentState.captured.rawValue, PaymentState.refunding.rawValue]
        ],
        PaymentRefunded.type: [
            InventoryParticipant.service: [GoodsHoldState.granted.rawValue, GoodsHoldState.returning.rawValue],
            ItemsParticipant.service: [Items.HoldState.sold.rawValue],
            UsersParticipant.service: [WalletHoldState.captured.rawValue],
        ],
    ]
}
