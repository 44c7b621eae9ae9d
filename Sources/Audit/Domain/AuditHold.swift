import FoundationEssentials
import SagaChoreography

/// Keeps what it lets through from retention, until it is released: something that a court may ask for.
public struct AuditHold: Sendable, Hashable {
    public let id: UUID
    /// Why, 1 to 500 characters.
    public let reason: String
    /// What is held; what is `nil` does not matter.
    public let actor: UUID?
    public let correlationID: UUID?
    public let resource: String?
    public let resourceID: String?
    public let action: String?
    public let from: Timestamp?
    public let until: Timestamp?
    public let placedAt: Timestamp

    func covers(_ entry: AuditEntry) -> Bool {
        (actor == nil || actor == entry.actor.userID)
            && (correlationID == nil || correlationID == entry.correlationID)
            && (resource == nil || resource == entry.resource) && (resourceID == nil || resourceID == entry.resourceID)
            && (action == nil || action == entry.action) && (from.map { entry.occurredAt >= $0 } ?? true)
            && (until.map { entry.occurredAt < $0 } ?? true)
    }
}
