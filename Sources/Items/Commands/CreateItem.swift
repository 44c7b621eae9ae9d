import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Adds an item to the catalogue, on sale at once.
public struct CreateItem: Command {
    public static let id: ReactionID = "items.create-item"

    public let id: ItemID?
    public let name: String
    public let description: String?
    public let categoryID: CategoryID?
    public let price: Money
    /// Pieces.
    public let stock: Int64
    public let actor: UserID

    /// - Parameter id: the new item's id; `nil` to have one made.
    public init(
        id: ItemID? = nil, name: String, description: String? = nil, categoryID: CategoryID? = nil, price: Money,
        stock: Int64, actor: UserID
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.categoryID = categoryID
        self.price = price
        self.stock = stock
        self.actor = actor
    }

    /// - Throws: ``ItemsRefusal`` `.invalid`, `.categoryNotFound`, `.itemExists`.
    public func execute(in step: SQLStep) throws -> Decision<Item, ItemCreated> {
        try ItemLimits.check(description: description)
        try ItemLimits.check(price: price)
        try ItemLimits.check(stock: stock)
        if let categoryID, try CategoryStore(step.transaction).category(categoryID) == nil {
            throw ItemsRefusal.categoryNotFound(categoryID)
        }
        let item = Item(
            id: id ?? ItemID(step.ids.next()), name: try ItemLimits.checked(name: name), description: description,
            categoryID: categoryID, price: price, isOnSale: true, revision: 1, stock: stock, reserved: 0, sold: 0,
            createdAt: step.now)
        guard try CatalogStore(step.transaction).insert(item) else { throw ItemsRefusal.itemExists(item.id) }
        // The event names neither the actor nor the stock.
        try AuditLog.write(
            AuditRecord(
                service: ItemsParticipant.service, action: "items.item-created", resource: "item",
                resourceID: "\(item.id)", actor: actor.uuid, severity: .medium,
                details: ["name": item.name, "price": "\(price.minorUnits)", "stock": "\(stock)"]), in: step)
        return Decision(item, emits: ItemCreated(item: item.catalogEntry))
    }
}
