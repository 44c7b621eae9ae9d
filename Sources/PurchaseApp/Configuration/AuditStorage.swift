/// Where the audit trail is kept, as `AUDIT_STORAGE_TYPE` says it.
public enum AuditStorage: String, Sendable, CaseIterable {
    /// In the services' own SQLite file.
    case sqlite
    /// In the services' own PostgreSQL database.
    case postgresql
    /// In MongoDB; what is not there yet is in the services' own database.
    case mongodb
    /// In both, whole.
    case dual
    /// In one or the other or both, by rules.
    case routed
}
