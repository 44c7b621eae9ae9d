import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// What others may ask of Notifications.
public struct NotificationQueries {
    private let transaction: any SQLTransaction

    public init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// The messages about an order, oldest first.
    ///
    /// - Throws: ``SQLError``.
    public func notifications(of order: OrderID) throws -> [NotificationView] {
        try transaction.rows(
            """
            SELECT id, channel, order_id, user_id, template, parameters, attempts, state, last_error, created_at, sent_at
            FROM notifications_messages WHERE order_id = \(order) ORDER BY created_at, id
            """
        ).map { row in
            NotificationView(
                message: try MessageRow.message(row), state: try row.value("state", as: NotificationState.self),
                lastError: try row.optionalText("last_error"),
                createdAt: Timestamp(milliseconds: try row.int64("created_at")),
                sentAt: try row.optionalInt64("sent_at").map { Timestamp(milliseconds: $0) })
        }
    }

    /// How many messages still wait to be sent.
    ///
    /// - Throws: ``SQLError``.
    public func pendingCount() throws -> Int {
        try transaction.first("SELECT COUNT(*) AS pending FROM notifications_messages WHERE state = 'PENDING'")?
            .int("pending") ?? 0
    }

    /// When the next message of these channels is due; `nil` if none waits.
    ///
    /// - Throws: ``SQLError``.
    public func nextDueAt(by channels: [String]) throws -> Timestamp? {
        try transaction.first(
            """
            SELECT next_attempt_at AS due FROM notifications_messages
            WHERE state = 'PENDING' AND channel IN (\(list: channels)) ORDER BY next_attempt_at LIMIT 1
            """)?.optionalInt64("due").map { Timestamp(milliseconds: $0) }
    }
}

/// A message and what became of it.
public struct NotificationView: Sendable, Hashable {
    public let message: NotificationMessage
    public let state: NotificationState
    /// Why the last attempt failed; for operators, not for users.
    public let lastError: String?
    public let createdAt: Timestamp
    public let sentAt: Timestamp?

    public init(
        message: NotificationMessage, state: NotificationState, lastError: String?, createdAt: Timestamp,
        sentAt: Timestamp?
    ) {
        self.message = message
        self.state = state
        self.lastError = lastError
        self.createdAt = createdAt
        self.sentAt = sentAt
    }
}
