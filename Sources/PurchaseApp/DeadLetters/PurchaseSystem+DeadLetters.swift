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
    static func deadLetterRules(_ participants: [SQLParticipant]) -> DeadLetterRules {
        let everyChannel = NotificationsParticipant.make(channels: ["console", "email", "webhook"])
        return DeadLetterRules(
            participants: participants.map { $0.service == everyChannel.service ? everyChannel : $0 },
            stateTables: stateTables,
            reopening: reopening,
            known: { type, subject, databases in try await KnownFacts(databases).event(of: type, OrderID(subject)) },
            contradicts: { event, databases in try await KnownFacts(databases).contradict(event) })
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
