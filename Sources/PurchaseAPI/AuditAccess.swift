import Audit

/// What the API knows of how the audit trail is kept.
public struct AuditAccess: Sendable {
    /// `nil`: it is not.
    public var policy: AuditPolicy?
    /// What `AUDIT_STORAGE_TYPE` says: `sqlite`, `dual`, ….
    public var store: String
    /// Answers what is asked about entries.
    public var reader: AuditReader
    /// Records what waits, if this process records.
    public var flush: (@Sendable () async throws -> Void)?
    /// Checks the whole trail.
    public var verify: @Sendable () async throws -> TrailVerification

    /// What is kept, and how it is forgotten.
    public var keeping: AuditKeeping

    /// Takes what its properties say.
    public init(
        policy: AuditPolicy?, store: String, reader: AuditReader, flush: (@Sendable () async throws -> Void)?,
        verify: @escaping @Sendable () async throws -> TrailVerification, keeping: AuditKeeping
    ) {
        self.policy = policy
        self.store = store
        self.reader = reader
        self.flush = flush
        self.verify = verify
        self.keeping = keeping
    }
}
