import Audit
import MongoAuditAdapter

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

    /// Whether it cannot be without MongoDB.
    var needsMongo: Bool { self == .mongodb || self == .dual || self == .routed }
}

/// MongoDB beside the audit trail's log.
public struct AuditMongo: Sendable, Equatable {
    public let settings: MongoSettings
    /// Which entries belong there.
    public let placement: AuditPlacement
    /// Which of the two answers if both could.
    public let primary: AuditReader.Primary
}
