import FoundationEssentials
import SagaChoreography
import SagaSQL

/// Access that was refused and is to be audited.
struct RefusedAccess: Sendable, Equatable {
    /// Whom the token named; `nil` if it was refused or there was none.
    let actor: UUID?
    let reason: String
}

/// Writes the audit row of a refused access.
public struct RecordRefusedAccess: Command {
    /// Stable.
    public static let id: ReactionID = "api.record-refused-access"
    /// The service under whose name the rows are written.
    public static let service: ServiceID = "api"
    let refusal: RefusedAccess
    let method: String
    /// The route, not the path as sent: what a stranger typed stays out of the audit trail.
    let route: String
    let status: Int
    let origin: AuditRecord.Origin
    /// Refusals like this one since the last row, which have none.
    let suppressed: Int

    /// - Throws: the database's error.
    public func execute(in step: SQLStep) throws -> Decision<Void, Never> {
        var details = ["method": method, "reason": refusal.reason, "status": String(status)]
        if suppressed > 0 { details["suppressed"] = String(suppressed) }
        try AuditLog.write(
            AuditRecord(
                service: Self.service, action: "api.access-refused", resource: "route", resourceID: route,
                actor: refusal.actor, status: .blocked, severity: .medium,
                details: details, origin: origin),
            in: step)
        return Decision(())
    }
}
