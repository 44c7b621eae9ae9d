import PurchaseContracts

/// What a message is about. The wording is in ``NotificationText``.
public enum NotificationTemplate: String, Sendable, Hashable, CaseIterable {
    case orderCompleted = "order.completed"
    case orderFailed = "order.failed"
    case orderCancelled = "order.cancelled"
    case orderRefunded = "order.refunded"
    case couponExpiring = "coupon.expiring.warning"
    /// Sent by an administrator to see whether it arrives. It is about no order.
    case test = "notification.test"
}

/// An event that users are told of.
protocol Notifiable: OrderEvent {
    static var template: NotificationTemplate { get }
    /// Why the order was undone, if it was.
    var reason: RefusalCode? { get }
}

extension OrderCompleted: Notifiable {
    static let template = NotificationTemplate.orderCompleted
    var reason: RefusalCode? { nil }
}

extension OrderRefunded: Notifiable {
    static let template = NotificationTemplate.orderRefunded
    var reason: RefusalCode? { nil }
}

extension OrderFailed: Notifiable {
    static let template = NotificationTemplate.orderFailed
    var reason: RefusalCode? { refusal.code }
}

extension OrderCancelled: Notifiable {
    static let template = NotificationTemplate.orderCancelled
    var reason: RefusalCode? { refusal.code }
}
