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

extension ItemBody: Described {
    static let schema = Schema.object(
        "Item",
        [
            .required("id", .id), .required("name", .string), .optional("description", .string),
            .optional("categoryId", .id), .required("price", .amount), .required("currency", .currency),
            .required("stock", .count), .required("isOnSale", .bool), .required("createdAt", .time),
        ])
}

/// The answer to GET /items/{id}/stock.
struct StockBody: Described {
    static let schema = Schema.object("Stock", [.required("stock", .count)])

    let stock: Int64
}

/// An answer that says only that it was done.
struct MessageBody: Described {
    static let schema = Schema.object(
        "Message", [.required("success", .constant(true)), .required("message", .string)])

    let success = true
    let message: String

    private enum CodingKeys: String, CodingKey { case success, message }
}
