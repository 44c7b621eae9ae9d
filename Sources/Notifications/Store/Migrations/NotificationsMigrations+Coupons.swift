import SQLCore

extension NotificationsMigrations {
    /// Messages that are about no order: a coupon that expires soon.
    static let couponsOnSQLite = Migration(
        "notifications/0004_coupons",
        """
        CREATE TABLE notifications_letters (
            id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
            event_id BLOB NOT NULL CHECK (length(event_id) = 16),
            channel TEXT NOT NULL,
            order_id BLOB CHECK (length(order_id) = 16),
            user_id BLOB NOT NULL CHECK (length(user_id) = 16),
            template TEXT NOT NULL,
            parameters TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('PENDING', 'SENT', 'FAILED', 'SKIPPED')),
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            next_attempt_at INTEGER,
            last_error TEXT,
            created_at INTEGER NOT NULL,
            sent_at INTEGER,
            traceparent TEXT,

            UNIQUE (event_id, channel),
            CHECK ((template LIKE 'order.%') = (order_id IS NOT NULL)),
            CHECK ((state = 'PENDING') = (next_attempt_at IS NOT NULL)),
            CHECK ((state = 'SENT') = (sent_at IS NOT NULL)),
            CHECK (state <> 'FAILED' OR (attempts > 0 AND last_error IS NOT NULL)),
            CHECK (state <> 'SKIPPED' OR last_error IS NOT NULL)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO notifications_letters
            (id, event_id, channel, order_id, user_id, template, parameters, state, attempts, next_attempt_at,
                last_error, created_at, sent_at, traceparent)
        SELECT id, event_id, channel, order_id, user_id, template, parameters, state, attempts, next_attempt_at,
            last_error, created_at, sent_at, traceparent
        FROM notifications_messages;
        DROP TABLE notifications_messages;
        ALTER TABLE notifications_letters RENAME TO notifications_messages;
        CREATE INDEX notifications_messages_due ON notifications_messages (channel, next_attempt_at)
            WHERE state = 'PENDING';
        CREATE INDEX notifications_messages_by_order ON notifications_messages (order_id);
        CREATE INDEX notifications_messages_parked ON notifications_messages (id) WHERE state = 'FAILED';
        """)

    /// The same for PostgreSQL.
    static let couponsOnPostgres = Migration(
        "notifications/0004_coupons",
        """
        ALTER TABLE notifications.notifications_messages
            ALTER COLUMN order_id DROP NOT NULL,
            ADD CONSTRAINT notifications_messages_order_check
                CHECK ((template LIKE 'order.%') = (order_id IS NOT NULL));
        """)
}
