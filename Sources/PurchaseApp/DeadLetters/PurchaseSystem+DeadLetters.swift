import Notifications
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import Users

extension PurchaseSystem {
    /// What administrators may do to messages that could not be handled.
    public func deadLetters(by commands: SQLCommands, clock: any SagaClock, ids: any IDGenerator) -> DeadLetters {
        DeadLetters(on: database, commands: commands, rules: Self.deadLetterRules(participants), clock: clock, ids: ids)
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
            // What begins and carries a refund finds rows that the order's own end has closed.
            reopening: [OrderRefundRequested.type, InventoryReturnHeld.type, PaymentRefunded.type]
        ) { event, transaction in
            switch event {
            case let event as any BareOrderEvent: try OrderQueries(transaction).contradicts(event.order)
            case let event as any BareRefundEvent:
                try OrderQueries(transaction).contradicts(event.order)
                    || !OrderQueries(transaction).hasRefund(event.refundID, of: event.order.id)
            case let event as PaymentReserved:
                try OrderQueries(transaction).contradicts(event.order)
                    || UserQueries(transaction).user(event.order.userID)?.slotCapacity != event.slotCapacity
            default: true
            }
        }
    }
}
