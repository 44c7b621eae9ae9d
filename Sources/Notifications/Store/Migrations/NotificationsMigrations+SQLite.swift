import SQLCore

/// The schema of Notifications.
public enum NotificationsMigrations {
    /// For SQLite, in order.
    public static let sqlite: [Migration] = [
        Migration(
            "notifications/0001_messages",
            """
            CREATE TABLE notifications_messages (
                id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
                event_id BLOB NOT NULL CHECK (length(event_id) = 16),
                channel TEXT NOT NULL,
                order_id BLOB NOT NULL CHECK (length(order_id) = 16),
                user_id BLOB NOT NULL CHECK (length(user_id) = 16),
                template TEXT NOT NULL,
                parameters TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('PENDING', 'SENT', 'FAILED')),
                attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                next_attempt_at INTEGER,
                last_error TEXT,
                created_at INTEGER NOT NULL,
                sent_at INTEGER,

                UNIQUE (event_id, channel),
                CHECK ((state = 'PENDING') = (next_attempt_at IS NOT NULL)),
                CHECK ((state = 'SENT') = (sent_at IS NOT NULL)),
                CHECK (state <> 'FAILED' OR (attempts > 0 AND last_error IS NOT NULL))
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX notifications_messages_due ON notifications_messages (next_attempt_at)
                WHERE state = 'PENDING';
            CREATE INDEX notifications_messages_by_order ON notifications_messages (order_id);
            """),
        channelsOnSQLite,
        trace,
        couponsOnSQLite,
    ]
}
