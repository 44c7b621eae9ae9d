import Hummingbird
import Items
import PurchaseContracts

/// The catalogue and its stock.
struct ItemsController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            Route(
                .get, "/items", .items, "The catalogue", access: .guest,
                parameters: ParameterDescription.page + [Self.category.description, Self.onSale.description],
                answers: [.ok(.array(of: ItemBody.schema), headers: ["Link"])], handler: list),
            Route(
                .post, "/items", .items, "Create an item; it can be ordered when this is answered",
                access: .role(.inventoryManager), body: NewItem.schema, answers: [.created(ItemBody.schema)],
                handler: create),
            Route(
                .get, "/items/{id}", .items, "One item", access: .guest, answers: [.ok(ItemBody.schema)],
                handler: item),
            Route(
                .patch, "/items/{id}", .items, "Change an item; null removes a description or a category",
                access: .role(.inventoryManager), body: ItemChange.schema, answers: [.ok(ItemBody.schema)],
                handler: change),
            Route(
                .get, "/items/{id}/stock", .items, "What can still be sold of an item", access: .guest,
                answers: [.ok(StockBody.schema)], handler: stock),
            Route(
                .post, "/items/{id}/stock", .items, "Set what can still be sold; reserved pieces stay reserved",
                access: .role(.inventoryManager), body: NewStock.schema, answers: [.ok(MessageBody.schema)],
                problems: [409], handler: setStock),
        ]
    }

    private static let cursorScope = "items"
    private static let category = QueryField<CategoryID>.id("categoryId", "Only items of this category.")
    private static let onSale = QueryField.bool("onSale", "Only items on sale, or only the others.")

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let asked = try PageRequest(request, of: Self.cursorScope, cursors: api.cursors)
        let filter = ItemFilter(
            categoryID: try Self.category.value(in: request), isOnSale: try Self.onSale.value(in: request))
        let found = try await api.databases[ItemsParticipant.service].read { transaction in
            try ItemQueries(transaction).items(filter, after: asked.after.map { ItemID($0) }, limit: asked.limit + 1)
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
        guard let item = try await api.databases[ItemsParticipant.service].read({ try ItemQueries($0).item(id) }) else {
            throw APIError(.notFound, ProblemCode(.itemNotFound))
        }
        return item
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let manager = try context.require(.inventoryManager)
        let command = try NewItem.read(try await request.json(in: context).value, actor: manager.userID)
        let item = try await api.items.run(command)
        try await api.waitForCatalogue([item])
        return try .json(
            ItemBody(item, in: api.settings.currency), status: .created, headers: [.location: "/items/\(item.id)"])
    }

    @Sendable private func change(_ request: Request, _ context: APIContext) async throws -> Response {
        let manager = try context.requireIdentity().userID
        let id = try context.pathID("id", as: ItemID.self)
        let item = try await api.items.run(
            try ItemChange.read(try await request.json(in: context).value, of: id, actor: manager))
        try await api.waitForCatalogue([item])
        return try .json(ItemBody(item, in: api.settings.currency))
    }

    @Sendable private func setStock(_ request: Request, _ context: APIContext) async throws -> Response {
        let manager = try context.require(.inventoryManager)
        let id = try context.pathID("id", as: ItemID.self)
        let command = try NewStock.read(try await request.json(in: context).value, of: id, actor: manager.userID)
        let outcome = try await api.items.run(command)
        let wording = Catalogue.wording(of: "done.stock-set", in: Language(request.headers))
        return try .json(MessageBody(message: wording.detail(["stock": outcome.new])))
    }
}
