import SQLCore

extension NotificationsMigrations {
    /// Messages that a channel cannot send since the user told no address, and each channel's messages in its own order: one
    /// that is down does not make others read past what waits for it.
    static let channelsOnSQLite = Migration(
        "notifications/0002_channels",
        """
        CREATE TABLE notifications_sendings (
            id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
            event_id BLOB NOT NULL CHECK (length(event_id) = 16),
            channel TEXT NOT NULL,
            order_id BLOB NOT NULL CHECK (length(order_id) = 16),
            user_id BLOB NOT NULL CHECK (length(user_id) = 16),
            template TEXT NOT NULL,
            parameters TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('PENDING', 'SENT', 'FAILED', 'SKIPPED')),
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            next_attempt_at INTEGER,
            last_error TEXT,
            created_at INTEGER NOT NULL,
            sent_at INTEGER,

            UNIQUE (event_id, channel),
            CHECK ((state = 'PENDING') = (next_attempt_at IS NOT NULL)),
            CHECK ((state = 'SENT') = (sent_at IS NOT NULL)),
            CHECK (state <> 'FAILED' OR (attempts > 0 AND last_error IS NOT NULL)),
            CHECK (state <> 'SKIPPED' OR last_error IS NOT NULL)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO notifications_sendings
            (id, event_id, channel, order_id, user_id, template, parameters, state, attempts, next_attempt_at,
                last_error, created_at, sent_at)
        SELECT id, event_id, channel, order_id, user_id, template, parameters, state, attempts, next_attempt_at,
            last_error, created_at, sent_at
        FROM notifications_messages;
        DROP TABLE notifications_messages;
        ALTER TABLE notifications_sendings RENAME TO notifications_messages;
        CREATE INDEX notifications_messages_due ON notifications_messages (channel, next_attempt_at)
            WHERE state = 'PENDING';
        CREATE INDEX notifications_messages_by_order ON notifications_messages (order_id);
        CREATE INDEX notifications_messages_parked ON notifications_messages (id) WHERE state = 'FAILED';
        """)

    /// The same for PostgreSQL.
    static let channelsOnPostgres = Migration(
        "notifications/0002_channels",
        """
        ALTER TABLE notifications.notifications_messages
            DROP CONSTRAINT notifications_messages_state_check,
            ADD CONSTRAINT notifications_messages_state_check
                CHECK (state IN ('PENDING', 'SENT', 'FAILED', 'SKIPPED')),
            ADD CONSTRAINT notifications_messages_skipped_check CHECK (state <> 'SKIPPED' OR last_error IS NOT NULL);
        DROP INDEX notifications.notifications_messages_due;
        CREATE INDEX notifications_messages_due ON notifications.notifications_messages (channel, next_attempt_at)
            WHERE state = 'PENDING';
        CREATE INDEX notifications_messages_parked ON notifications.notifications_messages (id)
            WHERE state = 'FAILED';
        """)
}
