import FoundationEssentials
import SagaChoreography
import SagaSQL

/// Keeps what a filter lets through from retention.
public struct PlaceHold: Command {
    public static let id: ReactionID = "audit.place-hold"

    private let filter: AuditFilter
    private let reason: String
    private let actor: UUID?

    /// - Parameters:
    ///   - filter: its actor, order, resource, resource id, action and period count.
    ///   - reason: 1 to 500 characters.
    ///   - actor: who asks for it, if it is a user.
    public init(_ filter: AuditFilter, reason: String, actor: UUID?) {
        self.filter = filter
        self.reason = String(reason.prefix(500))
        self.actor = actor
    }

    /// - Throws: the database's error.
    public func execute(in step: SQLStep) throws -> Decision<AuditHold, Never> {
        let hold = AuditHold(
            id: step.ids.next(), reason: reason, actor: filter.actor, correlationID: filter.correlationID,
            resource: filter.resource, resourceID: filter.resourceID, action: filter.action, from: filter.from,
            until: filter.until, placedAt: step.now)
        try HoldStore(step.transaction).insert(hold)
        try AuditLog.write(
            AuditRecord(
                service: AuditParticipant.service, action: "audit.hold-placed", resource: "hold",
                resourceID: hold.id.canonical, actor: actor, severity: .critical, details: ["reason": reason],
                correlationID: filter.correlationID),
            in: step)
        return Decision(hold)
    }
}

/// Gives back to retention what a hold kept from it.
public struct ReleaseHold: Command {
    public static let id: ReactionID = "audit.release-hold"

    private let hold: UUID
    private let reason: String
    private let actor: UUID?

    /// - Parameters:
    ///   - hold: its id.
    ///   - reason: 1 to 500 characters.
    ///   - actor: who asks for it, if it is a user.
    public init(_ hold: UUID, reason: String, actor: UUID?) {
        self.hold = hold
        self.reason = String(reason.prefix(500))
        self.actor = actor
    }

    /// Answers whether the hold was there and in force.
    ///
    /// - Throws: the database's error.
    public func execute(in step: SQLStep) throws -> Decision<Bool, Never> {
        guard try HoldStore(step.transaction).release(hold, at: step.now) else { return Decision(false) }
        try AuditLog.write(
            AuditRecord(
                service: AuditParticipant.service, action: "audit.hold-released", resource: "hold",
                resourceID: hold.canonical, actor: actor, severity: .critical, details: ["reason": reason]),
            in: step)
        return Decision(true)
    }
}
