import SagaChoreography
import SagaSQL

/// The audit trail: who did what to which thing, when, with what result.
///
/// It watches. It has no state row, emits nothing, and nobody waits for it: what is away or slow here costs a purchase nothing.
public enum AuditParticipant {
    /// The service's name and consumer group.
    public static let service: ServiceID = "audit"

    /// Everything that it records.
    public static func make() -> SQLParticipant {
        SQLParticipant(observer: service, of: Set(AuditRules.all.keys))
    }
}
