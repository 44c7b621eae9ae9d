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
            SELECT \(fixed: MessageRow.columns), state, last_error, sent_at
            FROM notifications_messages WHERE order_id = \(order) ORDER BY created_at, id
            """
        ).map(Self.view)
    }

    /// The messages that were given up, newest first.
    ///
    /// - Parameters:
    ///   - before: the id of the last message of the page before; `nil` for the first page.
    ///   - limit: at most so many.
    /// - Throws: ``SQLError``.
    public func parked(before: UUID? = nil, limit: Int = 100) throws -> [NotificationView] {
        let statement: SQLStatement =
            if let before {
                """
                SELECT \(fixed: MessageRow.columns), state, last_error, sent_at FROM notifications_messages
                WHERE state = 'FAILED' AND id < \(before) ORDER BY id DESC LIMIT \(limit)
                """
            } else {
                """
                SELECT \(fixed: MessageRow.columns), state, last_error, sent_at FROM notifications_messages
                WHERE state = 'FAILED' ORDER BY id DESC LIMIT \(limit)
                """
            }
        return try transaction.rows(statement).map(Self.view)
    }

    private static func view(_ row: SQLRow) throws -> NotificationView {
        NotificationView(
            message: try MessageRow.message(row), state: try row.value("state", as: NotificationState.self),
            lastError: try row.optionalText("last_error"),
            sentAt: try row.optionalInt64("sent_at").map { Timestamp(milliseconds: $0) })
    }

    /// How many messages still wait to be sent.
    ///
    /// - Throws: ``SQLError``.
    public func pendingCount() throws -> Int {
        try transaction.first("SELECT COUNT(*) AS pending FROM notifications_messages WHERE state = 'PENDING'")?
            .int("pending") ?? 0
    }

    /// When the next message of a channel is due; `nil` if none waits.
    ///
    /// - Throws: ``SQLError``.
    public func nextDueAt(by channel: String) throws -> Timestamp? {
        try transaction.first(
            """
            SELECT next_attempt_at AS due FROM notifications_messages
            WHERE state = 'PENDING' AND channel = \(channel) ORDER BY next_attempt_at LIMIT 1
            """)?.optionalInt64("due").map { Timestamp(milliseconds: $0) }
    }
}

/// A message and what became of it.
public struct NotificationView: Sendable, Hashable {
    public let message: NotificationMessage
    public let state: NotificationState
    /// Why the last attempt failed; for operators, not for users.
    public let lastError: String?
    public let sentAt: Timestamp?

    public init(message: NotificationMessage, state: NotificationState, lastError: String?, sentAt: Timestamp?) {
        self.message = message
        self.state = state
        self.lastError = lastError
        self.sentAt = sentAt
    }
}
