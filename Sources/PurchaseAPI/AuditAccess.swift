import Audit

/// What the API knows of how the audit trail is kept.
public struct AuditAccess: Sendable {
    /// `nil`: it is not.
    public var policy: AuditPolicy?
    /// What the store is called: `sqlite`, `postgresql`.
    public var store: String
    /// Records what waits, if this process records.
    public var flush: (@Sendable () async throws -> Void)?
    /// Checks the whole log.
    public var verify: @Sendable () async throws -> AuditVerification

    /// Takes what its properties say.
    public init(
        policy: AuditPolicy?, store: String, flush: (@Sendable () async throws -> Void)?,
        verify: @escaping @Sendable () async throws -> AuditVerification
    ) {
        self.policy = policy
        self.store = store
        self.flush = flush
        self.verify = verify
    }
}
