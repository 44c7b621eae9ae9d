/// Every metadata key that logs use: constant messages, values in metadata, no payloads, no personal data.
enum LogKey {
    static let activity = "activity"
    static let attempts = "attempts"
    static let channel = "channel"
    static let correlation = "correlation_id"
    static let causation = "causation_id"
    static let consumer = "consumer"
    static let database = "database"
    static let disposition = "disposition"
    static let event = "event_id"
    static let fault = "fault"
    static let migrations = "migrations"
    static let reason = "reason"
    static let reaction = "reaction"
    static let resumeAt = "resume_at"
    static let source = "source"
    static let type = "event_type"
}
