import SQLCore
import SagaSQL

/// What must always be true of the messages.
public enum NotificationsChecks {
    /// Every check; each selects what breaks it.
    public static let all: [InvariantCheck] = [
        InvariantCheck(
            "notifications.one-end", "No order was announced to have ended in two ways, or twice on one channel.",
            violations: """
                SELECT 'order ' || lower(hex(order_id)) AS what FROM notifications_messages
                WHERE template IN ('order.completed', 'order.failed', 'order.cancelled')
                GROUP BY order_id, channel HAVING COUNT(*) > 1
                """),
        InvariantCheck(
            "notifications.one-refund", "No order was announced to be refunded twice on one channel.",
            violations: """
                SELECT 'order ' || lower(hex(order_id)) AS what FROM notifications_messages
                WHERE template = 'order.refunded' GROUP BY order_id, channel HAVING COUNT(*) > 1
                """),
    ]
}
