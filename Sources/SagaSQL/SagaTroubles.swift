import FoundationEssentials
import SQLCore
import SagaChoreography

/// A message that a consumer could not handle: it is tried again, or it was given up.
public struct SagaTrouble: Sendable, Hashable {
    /// The group that could not handle it.
    public let consumer: ServiceID
    /// The event's id.
    public let eventID: UUID
    /// The event's wire name; `nil` if the message cannot even be read.
    public let type: EventType?
    /// How often it was tried.
    public let attempts: Int
    /// The last fault, one line.
    public let reason: String
    /// When it is tried again; `nil` if it was given up.
    public let retryAt: Timestamp?
    /// Whether it told of something that must never happen.
    public let isAlarm: Bool

    /// The messages of several sagas that wait to be tried again or were given up.
    ///
    /// - Throws: ``SQLError``.
    public static func of(
        _ subjects: [UUID], in transaction: any SQLTransaction
    ) throws -> [UUID: [SagaTrouble]] {
        var found: [UUID: [SagaTrouble]] = [:]
        for part in BoundedList.parts(of: subjects) {
            let retries = try transaction.rows(
                """
                SELECT subject, consumer, event_id, envelope, attempts, due_at, reason FROM saga_retries
                WHERE subject IN (\(list: part)) ORDER BY due_at, event_id
                """)
            for row in retries { found[try row.uuid("subject"), default: []].append(try retry(row)) }
            let parked = try transaction.rows(
                """
                SELECT subject, consumer, event_id, type, attempts, kind, reason FROM saga_parked
                WHERE subject IN (\(list: part)) ORDER BY parked_at, event_id
                """)
            for row in parked { found[try row.uuid("subject"), default: []].append(try givenUp(row)) }
        }
        return found
    }

    private static func retry(_ row: SQLRow) throws -> SagaTrouble {
        let envelope = try row.bytes("envelope")
        // What cannot be read is a reason to be here: it is shown without its name.
        let type: EventType?
        do { type = try Envelope(cloudEvent: envelope).type } catch { type = nil }
        return SagaTrouble(
            consumer: ServiceID(try row.text("consumer")), eventID: try row.uuid("event_id"), type: type,
            attempts: try row.int("attempts"), reason: try row.text("reason"),
            retryAt: Timestamp(milliseconds: try row.int64("due_at")), isAlarm: false)
    }

    private static func givenUp(_ row: SQLRow) throws -> SagaTrouble {
        SagaTrouble(
            consumer: ServiceID(try row.text("consumer")), eventID: try row.uuid("event_id"),
            type: EventType(try row.text("type")), attempts: try row.int("attempts"), reason: try row.text("reason"),
            retryAt: nil, isAlarm: try row.text("kind") == "alarm")
    }
}
