import FoundationEssentials
import SagaChoreography

/// Which entries are asked for; what is `nil` does not matter.
public struct AuditFilter: Sendable {
    /// Who did it.
    public var actor: UUID?
    /// What was done, exactly.
    public var action: String?
    public var resource: String?
    public var resourceID: String?
    public var service: ServiceID?
    public var status: AuditEntry.Status?
    /// At least as severe.
    public var severity: AuditEntry.Severity?
    /// The order it belongs to.
    public var correlationID: UUID?
    /// Not before.
    public var from: Timestamp?
    /// Before.
    public var until: Timestamp?
    /// Part of action, resource id or details; letters of ASCII in any case.
    public var text: String?
    /// Refused access, failed logins, whatever was blocked.
    public var isSecurity = false

    public init() {}

    /// Whether an index leads to what is let through, so that little else has to be looked at.
    var isIndexed: Bool {
        let hasIndex =
            actor != nil || resourceID != nil || correlationID != nil || isSecurity
            || (severity ?? .low) >= .critical
        return hasIndex && text == nil
    }

    /// What is refused or fails where somebody proves who he is.
    public static let securityActions = ["api.access-refused", "users.login-failed"]
}
