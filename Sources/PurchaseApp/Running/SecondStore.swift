import Audit

/// A store of the audit trail beside its log.
public struct SecondStore: Sendable {
    public let store: any EntryStore
    /// Which entries belong where.
    public let placement: AuditPlacement
    /// Which of the two answers if both could.
    public let primary: AuditReader.Primary

    public init(_ store: any EntryStore, placement: AuditPlacement, primary: AuditReader.Primary) {
        self.store = store
        self.placement = placement
        self.primary = primary
    }
}
