import Items
import PurchaseContracts

/// An item as it is answered.
struct ItemBody: Encodable {
    let id: String
    let name: String
    let description: String?
    let categoryId: String?
    let price: Int64
    let currency: String
    /// Pieces that can still be sold.
    let stock: Int64
    let isOnSale: Bool
    let createdAt: String

    init(_ item: Item, in currency: Currency) {
        id = item.id.description
        name = item.name
        description = item.description
        categoryId = item.categoryID?.description
        price = item.price.minorUnits
        self.currency = currency.code
        stock = item.stock
        isOnSale = item.isOnSale
        createdAt = item.createdAt.description
    }
}

/// The answer to GET /items/{id}/stock.
struct StockBody: Encodable {
    let stock: Int64
}

/// An answer that says only that it was done.
struct MessageBody: Encodable {
    let success = true
    let message: String

    private enum CodingKeys: String, CodingKey { case success, message }
}
