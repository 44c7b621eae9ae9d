import FoundationEssentials
import PurchaseContracts
import SagaChoreography

/// A message as it is kept and sent.
public struct NotificationMessage: Sendable, Hashable {
    /// The same for every attempt to send it, so that a receiver can drop repeats.
    public let id: UUID
    public let channel: String
    /// `nil` if it is about no order.
    public let orderID: OrderID?
    public let userID: UserID
    public let template: NotificationTemplate
    public let content: NotificationContent
    /// When it was recorded; the same for every attempt.
    public let createdAt: Timestamp
    /// Attempts to send it that failed so far.
    public let attempts: Int
    /// The trace of the event that it tells of.
    public let traceparent: String?

    /// A message about an order.
    public init(
        id: UUID, channel: String, orderID: OrderID, userID: UserID, template: NotificationTemplate,
        parameters: NotificationParameters, createdAt: Timestamp, attempts: Int, traceparent: String? = nil
    ) {
        self.init(
            id: id, channel: channel, orderID: orderID, userID: userID, template: template, content: .order(parameters),
            createdAt: createdAt, attempts: attempts, traceparent: traceparent)
    }

    init(
        id: UUID, channel: String, orderID: OrderID? = nil, userID: UserID, template: NotificationTemplate,
        content: NotificationContent, createdAt: Timestamp, attempts: Int, traceparent: String? = nil
    ) {
        self.id = id
        self.channel = channel
        self.orderID = orderID
        self.userID = userID
        self.template = template
        self.content = content
        self.createdAt = createdAt
        self.attempts = attempts
        self.traceparent = traceparent
    }
}

/// What a template is filled with.
public enum NotificationContent: Sendable, Hashable {
    case order(NotificationParameters)
    case coupon(CouponNotice)
    /// A test tells nothing.
    case nothing
}

/// A coupon that its owner has yet to use.
public struct CouponNotice: Sendable, Codable, Hashable {
    public let couponID: CouponID
    /// What a user types; `nil` if the coupon has none.
    public let code: String?
    public let expiresAt: Timestamp

    public init(couponID: CouponID, code: String?, expiresAt: Timestamp) {
        self.couponID = couponID
        self.code = code
        self.expiresAt = expiresAt
    }
}

/// Facts of the order that a template is filled with, never personal data.
public struct NotificationParameters: Sendable, Codable, Hashable {
    /// Name of the first line's item.
    public let item: String
    /// How many lines there are besides it.
    public let otherLines: Int
    /// What was, or would have been, paid.
    public let amount: Money
    public let currency: Currency
    /// Why the order was undone, if it was.
    public let reason: RefusalCode?

    public init(item: String, otherLines: Int, amount: Money, currency: Currency, reason: RefusalCode?) {
        self.item = item
        self.otherLines = otherLines
        self.amount = amount
        self.currency = currency
        self.reason = reason
    }

    init(_ order: OrderFacts, reason: RefusalCode?) {
        self.init(
            item: order.lines.first?.name ?? "", otherLines: max(0, order.lines.count - 1), amount: order.final,
            currency: order.currency, reason: reason)
    }
}

/// How far a message has come.
public enum NotificationState: String, Sendable, Hashable, CaseIterable {
    case pending = "PENDING"
    case sent = "SENT"
    /// Given up: refused for good, or after the last attempt; kept for a person to see.
    case failed = "FAILED"
    /// Not sent, since this channel cannot reach the user: nobody told his address.
    case skipped = "SKIPPED"
}
