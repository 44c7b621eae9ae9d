import HTTPTypes
import Hummingbird
import Items
import PurchaseContracts

/// What items are grouped by.
struct CategoriesController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            Route(
                .get, "/categories", .items, "Categories of items, by name", access: .guest,
                answers: [.ok(.array(of: CategoryBody.schema))], handler: list),
            Route(
                .post, "/categories", .items, "Create a category", access: .role(.inventoryManager),
                body: CategoryInput.schema, answers: [.created(CategoryBody.schema, headers: [])], problems: [409],
                handler: create),
            Route(
                .patch, "/categories/{id}", .items, "Rename a category", access: .role(.inventoryManager),
                body: CategoryInput.schema, answers: [.ok(CategoryBody.schema)], problems: [409], handler: rename),
        ]
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        try .json(
            try await api.databases[ItemsParticipant.service].read { try ItemQueries($0).categories() }.map(
                CategoryBody.init))
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let manager = try context.requireIdentity().userID
        let name = try CategoryInput.read(try await request.json(in: context).value)
        let category = try await api.items.run(CreateCategory(name: name, actor: manager))
        return try .json(CategoryBody(category), status: .created)
    }

    @Sendable private func rename(_ request: Request, _ context: APIContext) async throws -> Response {
        let manager = try context.requireIdentity().userID
        let id = try context.pathID("id", as: CategoryID.self)
        let name = try CategoryInput.read(try await request.json(in: context).value)
        do {
            return try .json(CategoryBody(try await api.items.run(RenameCategory(id, to: name, actor: manager))))
        } catch ItemsRefusal.categoryNotFound {
            // Here the category is what the path names, not a field of the body.
            throw APIError(.notFound, .categoryNotFound)
        }
    }
}
