import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The messages, one row for each event and channel.
struct MessageStore {
    private let step: SQLStep
    private var transaction: any SQLTransaction { step.transaction }
    private var now: Int64 { step.now.milliseconds }

    init(_ step: SQLStep) { self.step = step }

    /// Records a message for each channel, in order.
    ///
    /// - Returns: `false` if the event was recorded for all of them before.
    func insert(
        about event: Envelope, on channels: [String], _ message: (String) -> NotificationMessage
    ) throws -> Bool {
        var isNew = false
        for channel in channels.sorted() {
            // The unique row is what deduplicates, so no inbox row is needed.
            let inserted = try insert(message(channel), about: event.id)
            isNew = isNew || inserted
        }
        return isNew
    }

    /// - Returns: `false` if the event was recorded for this channel before.
    func insert(_ message: NotificationMessage, about event: UUID) throws -> Bool {
        try transaction.changesOne(
            """
            INSERT INTO notifications_messages (id, event_id, channel, order_id, user_id, template, parameters, state,
                next_attempt_at, created_at, traceparent)
            VALUES (\(message.id), \(event), \(message.channel), \(message.orderID), \(message.userID),
                \(message.template.rawValue), \(try MessageRow.text(message.content)), 'PENDING', \(now),
                \(message.createdAt.milliseconds), \(message.traceparent))
            ON CONFLICT (event_id, channel) DO NOTHING
            """)
    }

    /// Leases what is due.
    func claimDue(by channel: String, limit: Int, until leaseEnd: Timestamp) throws -> [NotificationMessage] {
        try transaction.rows(
            """
            UPDATE notifications_messages SET next_attempt_at = \(leaseEnd.milliseconds)
            WHERE id IN (
                SELECT id FROM notifications_messages
                WHERE state = 'PENDING' AND channel = \(channel) AND next_attempt_at <= \(now)
                ORDER BY next_attempt_at, id LIMIT \(limit)\(fixed: transaction.dialect.skipLocked))
            RETURNING \(fixed: MessageRow.columns)
            """
        ).map(MessageRow.message).sorted { $0.id.precedes($1.id) }
    }

    /// - Returns: `false` if it no longer waits.
    func markSent(_ message: NotificationMessage) throws -> Bool {
        try transaction.changesOne(
            """
            UPDATE notifications_messages SET state = 'SENT', sent_at = \(now), next_attempt_at = NULL, last_error = NULL
            WHERE id = \(message.id) AND state = 'PENDING'
            """)
    }

    /// Counts a failure; no effect if another worker recorded one meanwhile, or sent it.
    func postpone(_ message: NotificationMessage, until dueAt: Timestamp, because error: String) throws {
        try transaction.execute(
            """
            UPDATE notifications_messages SET attempts = attempts + 1, next_attempt_at = \(dueAt.milliseconds),
                last_error = \(error)
            WHERE id = \(message.id) AND state = 'PENDING' AND attempts = \(message.attempts)
            """)
    }

    /// - Returns: `false` if another worker recorded a failure meanwhile, or sent it.
    func giveUp(_ message: NotificationMessage, because error: String) throws -> Bool {
        try transaction.changesOne(
            """
            UPDATE notifications_messages SET state = 'FAILED', attempts = attempts + 1, next_attempt_at = NULL,
                last_error = \(error)
            WHERE id = \(message.id) AND state = 'PENDING' AND attempts = \(message.attempts)
            """)
    }

    /// - Returns: `false` if it no longer waits.
    func skip(_ message: NotificationMessage, because reason: String) throws -> Bool {
        try transaction.changesOne(
            """
            UPDATE notifications_messages SET state = 'SKIPPED', next_attempt_at = NULL, last_error = \(reason)
            WHERE id = \(message.id) AND state = 'PENDING'
            """)
    }
}
