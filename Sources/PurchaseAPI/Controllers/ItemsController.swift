import Hummingbird
import Items
import PurchaseContracts

/// The catalogue and its stock.
struct ItemsController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            .get("/items", list),
            .post("/items", create),
            .get("/items/{id}", item),
            .get("/items/{id}/stock", stock),
            .post("/items/{id}/stock", setStock),
        ]
    }

    private static let cursorScope = "items"

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let asked = try PageRequest(request, of: Self.cursorScope, cursors: api.cursors)
        let found = try await api.database.read { transaction in
            try ItemQueries(transaction).items(after: asked.after.map { ItemID($0) }, limit: asked.limit + 1)
        }
        let page = Page(found, asked, of: Self.cursorScope, cursors: api.cursors) { $0.id.uuid }
        return try .json(
            page.elements.map { ItemBody($0, in: api.settings.currency) },
            headers: page.links(path: request.uri.path))
    }

    @Sendable private func item(_ request: Request, _ context: APIContext) async throws -> Response {
        try .json(ItemBody(try await item(context), in: api.settings.currency))
    }

    @Sendable private func stock(_ request: Request, _ context: APIContext) async throws -> Response {
        try .json(StockBody(stock: try await item(context).stock))
    }

    private func item(_ context: APIContext) async throws -> Item {
        let id = try context.pathID("id", as: ItemID.self)
        guard let item = try await api.database.read({ try ItemQueries($0).item(id) }) else {
            throw APIError(.notFound, ProblemCode(.itemNotFound))
        }
        return item
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let manager = try context.require(.inventoryManager)
        let command = try Self.readItem(try await request.json(in: context).value, actor: manager.userID)
        let item = try await api.items.run(command)
        try await api.waitForCatalogue([item.id])
        return try .json(
            ItemBody(item, in: api.settings.currency), status: .created, headers: [.location: "/items/\(item.id)"])
    }

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func readItem(_ body: JSONValue, actor: UserID) throws(APIError) -> CreateItem {
        var fields = FieldReader(body)
        let name = fields.text("name", maximum: ItemLimits.name.upperBound)
        let price = fields.integer("price", in: ItemLimits.price)
        let stock = fields.integer("stock", in: ItemLimits.stock)
        let description = fields.optionalText(
            "description", maximum: ItemLimits.description.upperBound, isMultiline: true)
        let categoryID = fields.optionalID("categoryId", as: CategoryID.self)
        try fields.finish()
        guard let name, let price, let stock else { throw .invalid([]) }
        return CreateItem(
            name: name, description: description, categoryID: categoryID, price: Money(price), stock: stock,
            actor: actor)
    }

    @Sendable private func setStock(_ request: Request, _ context: APIContext) async throws -> Response {
        let manager = try context.require(.inventoryManager)
        let id = try context.pathID("id", as: ItemID.self)
        var fields = FieldReader(try await request.json(in: context).value)
        let newStock = fields.integer("newStock", in: ItemLimits.stock)
        let reason = fields.text("reason", maximum: ItemLimits.reason.upperBound)
        try fields.finish()
        guard let newStock, let reason else { throw APIError.invalid([]) }
        let outcome = try await api.items.run(
            SetStock(item: id, newStock: newStock, reason: reason, actor: manager.userID))
        let wording = Catalogue.wording(of: "done.stock-set", in: Language(request.headers))
        return try .json(MessageBody(message: wording.detail(["stock": outcome.new])))
    }
}
