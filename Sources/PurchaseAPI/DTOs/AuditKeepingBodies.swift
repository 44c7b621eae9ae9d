import Audit
import FoundationEssentials
import PurchaseContracts
import SagaChoreography

/// The answer to GET /admin/audit/retention.
struct AuditRetentionBody: Described {
    static let schema = Schema.object(
        "AuditRetention",
        [
            .required("days", .count), .required("severeDays", .count), .required("severeThreshold", .integer(1...5)),
            .required("cleanedUpDaily", .bool), .required("holds", .array(of: AuditHoldBody.schema)),
        ])

    /// How long an entry below the threshold is kept.
    let days: Int64
    /// How long one at the threshold or above is.
    let severeDays: Int64
    let severeThreshold: Int64
    /// Whether this process does that by itself.
    let cleanedUpDaily: Bool
    /// In force, the oldest first.
    let holds: [AuditHoldBody]

    init(_ keeping: AuditKeeping, _ holds: [AuditHold]) {
        let retention = keeping.retention
        days = retention.kept.components.seconds / 86_400
        severeDays = retention.severeKept.components.seconds / 86_400
        severeThreshold = retention.threshold.rawValue
        cleanedUpDaily = keeping.isCleanedUpDaily
        self.holds = holds.map(AuditHoldBody.init)
    }
}

/// The answer to POST /admin/audit/cleanup.
struct AuditCleanupBody: Described {
    static let schema = Schema.object(
        "AuditCleanup",
        [
            .required("dryRun", .bool), .required("entries", .count), .required("segments", .count),
            .required("held", .count), .required("damaged", .array(of: .count)), .optional("next", .count),
        ])

    let dryRun: Bool
    /// That went, or would go.
    let entries: Int64
    /// From which something went.
    let segments: Int
    /// Entries that would have gone, if no hold kept them.
    let held: Int64
    /// Segments that are not what was recorded, and were left alone.
    let damaged: [Int64]
    /// What `after` says to go on; missing at the end.
    let next: Int64?

    init(_ outcome: AuditCleanup.Outcome, isDry: Bool) {
        dryRun = isDry
        entries = outcome.entries
        segments = outcome.segments
        held = outcome.held
        damaged = outcome.damaged
        next = outcome.next
    }
}

/// The id of a hold in a path.
struct AuditHoldID: EntityID {
    let uuid: UUID
    init(_ uuid: UUID) { self.uuid = uuid }
}

/// A hold in force. What is missing does not matter.
struct AuditHoldBody: Described {
    static let schema = Schema.object(
        "AuditHold",
        [
            .required("id", .id), .required("reason", .string), .required("placedAt", .time), .optional("userId", .id),
            .optional("orderId", .id), .optional("resource", .string), .optional("resourceId", .string),
            .optional("action", .string), .optional("from", .time), .optional("until", .time),
        ])

    let id: String
    let reason: String
    let placedAt: String
    let userId: String?
    let orderId: String?
    let resource: String?
    let resourceId: String?
    let action: String?
    let from: String?
    let until: String?

    init(_ hold: AuditHold) {
        id = hold.id.uuidString.lowercased()
        reason = hold.reason
        placedAt = hold.placedAt.description
        userId = hold.actor?.uuidString.lowercased()
        orderId = hold.correlationID?.uuidString.lowercased()
        resource = hold.resource
        resourceId = hold.resourceID
        action = hold.action
        from = hold.from?.description
        until = hold.until?.description
    }
}
