import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Changes what the catalogue says of an item. Orders placed before keep the price they were placed at.
public struct ChangeItem: Command {
    public static let id: ReactionID = "items.change-item"

    public let item: ItemID
    public let name: String?
    public let description: Edit<String>
    public let price: Money?
    public let categoryID: Edit<CategoryID>
    public let isOnSale: Bool?
    public let actor: UserID
    public let reason: String?

    /// - Parameters: what is `nil` stays as it is.
    public init(
        item: ItemID, name: String? = nil, description: Edit<String> = .keep, price: Money? = nil,
        categoryID: Edit<CategoryID> = .keep, isOnSale: Bool? = nil, actor: UserID, reason: String? = nil
    ) {
        self.description = description
        self.item = item
        self.name = name
        self.price = price
        self.categoryID = categoryID
        self.isOnSale = isOnSale
        self.actor = actor
        self.reason = reason
    }

    /// Emits nothing if nothing would change.
    ///
    /// - Throws: ``ItemsRefusal`` `.invalid`, `.itemNotFound`, `.categoryNotFound`.
    public func execute(in step: SQLStep) throws -> Decision<Item, ItemChanged> {
        let reason = try reason.map { try ItemLimits.checked(reason: $0) }
        if let price { try ItemLimits.check(price: price) }
        let catalog = CatalogStore(step.transaction)
        guard let old = try catalog.item(item) else { throw ItemsRefusal.itemNotFound(item) }
        let name = try self.name.map { try ItemLimits.checked(name: $0) }
        if case .set(let category?) = categoryID, try CategoryStore(step.transaction).category(category) == nil {
            throw ItemsRefusal.categoryNotFound(category)
        }
        let description = description.applied(to: old.description)
        try ItemLimits.check(description: description)
        let new = Item(
            id: old.id, name: name ?? old.name, description: description,
            categoryID: categoryID.applied(to: old.categoryID), price: price ?? old.price,
            isOnSale: isOnSale ?? old.isOnSale,
            revision: old.revision + 1, stock: old.stock, reserved: old.reserved, sold: old.sold,
            createdAt: old.createdAt)
        var changes = Self.changes(from: old, to: new)
        guard !changes.isEmpty else { return Decision(old) }
        changes["reason"] = reason

        try catalog.update(new, since: old.revision, at: step.now)
        try AuditLog.write(
            AuditRecord(
                service: ItemsParticipant.service, action: "items.item-changed", resource: "item",
                resourceID: "\(item)", actor: actor.uuid, severity: .medium,
                details: changes), in: step)
        return Decision(new, emits: ItemChanged(item: new.catalogEntry))
    }

    private static func changes(from old: Item, to new: Item) -> [String: String] {
        var changes: [String: String] = [:]
        func note(_ field: String, _ before: String, _ after: String) {
            guard before != after else { return }
            changes["\(field).old"] = before
            changes["\(field).new"] = after
        }
        note("name", old.name, new.name)
        note("description", old.description ?? "", new.description ?? "")
        note("price", "\(old.price.minorUnits)", "\(new.price.minorUnits)")
        note("categoryId", old.categoryID?.description ?? "", new.categoryID?.description ?? "")
        note("isOnSale", "\(old.isOnSale)", "\(new.isOnSale)")
        return changes
    }
}
