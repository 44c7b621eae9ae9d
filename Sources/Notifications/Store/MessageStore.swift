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

    /// What is to be recorded about one event.
    struct EventMessages {
        let event: UUID
        /// One for each channel.
        let messages: [NotificationMessage]
    }

    /// Records messages. The unique row is what deduplicates, so no inbox row is needed.
    ///
    /// - Returns: the events that were not recorded for all of their channels before.
    func insert(_ events: [EventMessages]) throws -> Set<UUID> {
        let rows = events.flatMap { event in event.messages.map { (event.event, $0) } }
        let inserted = try Self.insertion.rows(rows, in: transaction) { event, message in
            [
                .uuid(message.id), .uuid(event), .text(message.channel), message.orderID.sqlValue,
                message.userID.sqlValue, .text(message.template.rawValue), .text(try MessageRow.text(message.content)),
                .text("PENDING"), .integer(now), .integer(message.createdAt.milliseconds), message.traceparent.sqlValue,
            ]
        }
        return Set(try inserted.map { try $0.uuid("event_id") })
    }

    private static let insertion = ManyRows(
        into: """
            notifications_messages (id, event_id, channel, order_id, user_id, template, parameters, state, next_attempt_at,
                created_at, traceparent)
            """,
        columns: [.uuid, .uuid, .text, .uuid, .uuid, .text, .text, .text, .integer, .integer, .text],
        suffix: "ON CONFLICT (event_id, channel) DO NOTHING RETURNING event_id")

    /// Leases what is due.
    func claimDue(by channel: String, limit: Int, until leaseEnd: Timestamp) throws -> [NotificationMessage] {
        try transaction.rows(
            """
            UPDATE notifications_messages SET next_attempt_at = \(leaseEnd.milliseconds)
            WHERE id \(fixed: transaction.dialect.isOne)
                SELECT id FROM notifications_messages
                WHERE state = 'PENDING' AND channel = \(channel) AND next_attempt_at <= \(now)
                ORDER BY next_attempt_at, id LIMIT \(limit)\(fixed: transaction.dialect.ofThose)
            RETURNING \(fixed: MessageRow.columns)
            """
        ).map(MessageRow.message).sorted { $0.id.precedes($1.id) }
    }

    /// - Returns: how many of them still waited.
    func markSent(_ messages: [NotificationMessage]) throws -> Int {
        try BoundedList.parts(of: messages.map(\.id)).reduce(0) { count, part in
            try count
                + transaction.execute(
                    """
                    UPDATE notifications_messages
                    SET state = 'SENT', sent_at = \(now), next_attempt_at = NULL, last_error = NULL
                    WHERE id IN (\(list: part)) AND state = 'PENDING'
                    """)
        }
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
