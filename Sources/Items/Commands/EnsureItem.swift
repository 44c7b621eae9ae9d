import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Test data: finds the item that an earlier call with the same name added, or adds it. An item found is left as it is.
public struct EnsureItem: Command {
    public static let id: ReactionID = "items.ensure-item"

    public let name: String
    public let description: String?
    public let categoryID: CategoryID?
    public let price: Money
    /// Pieces.
    public let stock: Int64

    public init(
        name: String, price: Money, stock: Int64, description: String? = nil, categoryID: CategoryID? = nil
    ) {
        self.name = name
        self.description = description
        self.categoryID = categoryID
        self.price = price
        self.stock = stock
    }

    /// - Throws: ``ItemsRefusal`` `.invalid`.
    public func execute(in step: SQLStep) throws -> Decision<Item, ItemCreated> {
        let catalog = CatalogStore(step.transaction)
        let name = try ItemLimits.checked(name: name)
        try ItemLimits.check(description: description)
        try ItemLimits.check(price: price)
        try ItemLimits.check(stock: stock)
        let item = Item(
            id: ItemID(step.ids.next()), name: name, description: description, categoryID: categoryID, price: price,
            isOnSale: true, revision: 1, stock: stock, reserved: 0, sold: 0, createdAt: step.now)
        if try catalog.insert(item, seedKey: name) {
            return Decision(item, emits: ItemCreated(item: item.catalogEntry))
        }
        guard let found = try catalog.item(seedKey: name) else {
            throw SQLError(.busy, "items_items: the item was added by another transaction meanwhile")
        }
        return Decision(found)
    }
}
