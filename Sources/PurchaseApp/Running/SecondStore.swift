import Audit
import MongoAuditAdapter

/// A store of the audit trail beside its log.
public struct SecondStore: Sendable {
    public let store: any EntryStore
    /// Which entries belong where.
    public let placement: AuditPlacement
    /// Which of the two answers if both could.
    public let primary: AuditReader.Primary
    private let end: @Sendable () async -> Void

    public init(
        _ store: any EntryStore, placement: AuditPlacement, primary: AuditReader.Primary,
        end: @escaping @Sendable () async -> Void = {}
    ) {
        self.store = store
        self.placement = placement
        self.primary = primary
        self.end = end
    }

    /// That of the configuration; `nil`: there is none. It connects when it is first used.
    public init?(_ configuration: PurchaseConfiguration) {
        guard let mongo = configuration.auditMongo else { return nil }
        let store = MongoEntryStore(mongo.settings)
        self.init(store, placement: mongo.placement, primary: mongo.primary, end: { await store.close() })
    }

    /// Ends its connections.
    public func close() async { await end() }
}
