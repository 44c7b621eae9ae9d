import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Tells users how their orders ended and which coupons expire soon: recorded once for each event and channel, sent at least once.
///
/// It has no state row and no outbox rows, so there is nothing to close or to requeue. Its commands emit nothing.
public enum NotificationsParticipant {
    /// The service's name and consumer group.
    public static let service: ServiceID = "notifications"

    /// Everything that Notifications reacts to.
    ///
    /// - Parameter channels: the channels of the notifiers in use; none: nothing is recorded.
    public static func make(channels: [String]) -> SQLParticipant {
        SQLParticipant(service: service) {
            RecordMessages<OrderCompleted>(for: channels)
            RecordMessages<OrderFailed>(for: channels)
            RecordMessages<OrderCancelled>(for: channels)
            RecordMessages<OrderRefunded>(for: channels)
            RecordCouponWarning(for: channels)
        }
    }
}
