import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Sets how many pieces can still be sold. Reserved pieces stay reserved; the difference is an adjustment.
public struct SetStock: Command {
    public static let id: ReactionID = "items.set-stock"

    public let item: ItemID
    /// Pieces, at least 0.
    public let newStock: Int64
    public let reason: String
    public let actor: UserID

    public init(item: ItemID, newStock: Int64, reason: String, actor: UserID) {
        self.item = item
        self.newStock = newStock
        self.reason = reason
        self.actor = actor
    }

    /// The sellable number before and after, in pieces.
    public struct Outcome: Sendable, Hashable {
        public let old: Int64
        public let new: Int64
    }

    /// - Throws: ``ItemsRefusal`` `.invalid`, `.itemNotFound`.
    public func execute(in step: SQLStep) throws -> Decision<Outcome, Never> {
        let reason = try ItemLimits.checked(reason: reason)
        try ItemLimits.check(stock: newStock, field: "newStock")
        guard let old = try StockStore(step).levels(of: [item])[item]?.stock else {
            throw ItemsRefusal.itemNotFound(item)
        }
        try CatalogStore(step.transaction).setStock(newStock, since: old, of: item, at: step.now)
        try AuditLog.write(
            AuditRecord(
                service: ItemsParticipant.service, action: "items.stock-set", resource: "item", resourceID: "\(item)",
                actor: actor.uuid, details: ["old": "\(old)", "new": "\(newStock)", "reason": reason]), in: step)
        return Decision(Outcome(old: old, new: newStock))
    }
}
