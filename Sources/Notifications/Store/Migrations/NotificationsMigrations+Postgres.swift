import SQLCore

extension NotificationsMigrations {
    /// For PostgreSQL, in the schema `notifications`, in order.
    public static let postgres: [Migration] = [
        Migration(
            "notifications/0001_messages",
            """
            CREATE SCHEMA IF NOT EXISTS notifications;

            CREATE TABLE notifications.notifications_messages (
                id UUID PRIMARY KEY NOT NULL,
                event_id UUID NOT NULL,
                channel TEXT NOT NULL,
                order_id UUID NOT NULL,
                user_id UUID NOT NULL,
                template TEXT NOT NULL,
                parameters TEXT NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('PENDING', 'SENT', 'FAILED')),
                attempts BIGINT NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                next_attempt_at BIGINT,
                last_error TEXT,
                created_at BIGINT NOT NULL,
                sent_at BIGINT,

                UNIQUE (event_id, channel),
                CHECK ((state = 'PENDING') = (next_attempt_at IS NOT NULL)),
                CHECK ((state = 'SENT') = (sent_at IS NOT NULL)),
                CHECK (state <> 'FAILED' OR (attempts > 0 AND last_error IS NOT NULL))
            );
            CREATE INDEX notifications_messages_due ON notifications_messages (next_attempt_at)
                WHERE state = 'PENDING';
            CREATE INDEX notifications_messages_by_order ON notifications_messages (order_id);
            """),
        channelsOnPostgres,
        trace,
        couponsOnPostgres,
    ]
}
