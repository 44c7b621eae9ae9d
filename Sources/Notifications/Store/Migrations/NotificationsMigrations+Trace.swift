import SQLCore

extension NotificationsMigrations {
    /// The trace of the event that a message tells of: sending it goes on with it. The same text for every database.
    static let trace = Migration(
        "notifications/0003_trace", "ALTER TABLE notifications_messages ADD COLUMN traceparent TEXT;")
}
