import Items
import PurchaseContracts

/// The body of POST /items.
enum NewItem {
    static let name = Field.text("name", maximum: ItemLimits.name.upperBound)
    static let price = Field.integer("price", in: ItemLimits.price)
    static let stock = Field.integer("stock", in: ItemLimits.stock)
    static let description = Field.text(
        "description", maximum: ItemLimits.description.upperBound, isMultiline: true
    ).optional
    static let categoryID = Field<CategoryID>.id("categoryId").optional

    static let schema = BodySchema(
        "NewItem", others: .ignored,
        [name.property, price.property, stock.property, description.property, categoryID.property])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue, actor: UserID) throws(APIError) -> CreateItem {
        var fields = FieldReader(body, as: schema)
        let name = fields.read(name)
        let price = fields.read(price)
        let stock = fields.read(stock)
        let description = fields.read(description)
        let categoryID = fields.read(categoryID)
        try fields.finish()
        guard let name, let price, let stock else { throw .invalid([]) }
        return CreateItem(
            name: name, description: description, categoryID: categoryID, price: Money(price), stock: stock,
            actor: actor)
    }
}

/// The body of POST /items/{id}/stock.
enum NewStock {
    static let newStock = Field.integer("newStock", in: ItemLimits.stock)
    static let reason = Field.text("reason", maximum: ItemLimits.reason.upperBound)

    static let schema = BodySchema("NewStock", others: .ignored, [newStock.property, reason.property])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue, of item: ItemID, actor: UserID) throws(APIError) -> SetStock {
        var fields = FieldReader(body, as: schema)
        let newStock = fields.read(newStock)
        let reason = fields.read(reason)
        try fields.finish()
        guard let newStock, let reason else { throw .invalid([]) }
        return SetStock(item: item, newStock: newStock, reason: reason, actor: actor)
    }
}

/// The body of PATCH /items/{id}.
enum ItemChange {
    static let name = Field.text("name", maximum: ItemLimits.name.upperBound).optional
    static let price = Field.integer("price", in: ItemLimits.price).optional
    static let description = NewItem.description
    static let categoryID = NewItem.categoryID
    static let isOnSale = Field.bool("isOnSale").optional
    static let reason = Field.text("reason", maximum: ItemLimits.reason.upperBound).optional

    static let schema = BodySchema(
        "ItemChange",
        [
            name.property, price.property, description.property, categoryID.property, isOnSale.property,
            reason.property,
        ])

    /// What is missing stays; a description or a category that is null is removed.
    ///
    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue, of item: ItemID, actor: UserID) throws(APIError) -> ChangeItem {
        var fields = FieldReader(body, as: schema)
        let name = fields.read(name)
        let price = fields.read(price)
        let description: Edit<String> =
            fields.mentions("description") ? .set(fields.read(description)) : .keep
        let categoryID: Edit<CategoryID> = fields.mentions("categoryId") ? .set(fields.read(categoryID)) : .keep
        let isOnSale = fields.read(isOnSale)
        let reason = fields.read(reason)
        try fields.finish()
        return ChangeItem(
            item: item, name: name, description: description, price: price.map { Money($0) }, categoryID: categoryID,
            isOnSale: isOnSale, actor: actor, reason: reason)
    }
}

/// The body of POST /items/reservations/{id}/status.
enum ReservationChange {
    static let status = Field<ReservationStatus>.choice("status")
    static let reason = Field.text("reason", maximum: ItemLimits.reason.upperBound)
    static let schema = BodySchema("ReservationChange", others: .ignored, [status.property, reason.property])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> (status: ReservationStatus, reason: String) {
        var fields = FieldReader(body, as: schema)
        let status = fields.read(status)
        let reason = fields.read(reason)
        try fields.finish()
        guard let status, let reason else { throw .invalid([]) }
        return (status, reason)
    }
}
