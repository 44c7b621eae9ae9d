import Hummingbird
import Inventory
import Orders
import PurchaseContracts
import Users

/// What belongs to one user.
struct UsersController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            .get("/user/{id}/balance", balance),
            .get("/user/{id}/inventory", inventory),
            .get("/user/{id}/orders", orders),
        ]
    }

    private static let notFound = ProblemCode(.userNotFound)

    @Sendable private func balance(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try self.user(context)
        guard let balance = try await api.database.read({ try UserQueries($0).balance(of: user) }) else {
            throw APIError(.notFound, Self.notFound)
        }
        return try .json(BalanceBody(balance, of: user, in: api.settings.currency))
    }

    @Sendable private func inventory(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try self.user(context)
        let body = try await api.database.read { transaction -> InventoryBody? in
            guard let account = try UserQueries(transaction).user(user) else { return nil }
            let inventory = InventoryQueries(transaction)
            return InventoryBody(
                try inventory.goods(of: user), slots: try inventory.slots(of: user), capacity: account.slotCapacity,
                of: user)
        }
        guard let body else { throw APIError(.notFound, Self.notFound) }
        return try .json(body)
    }

    @Sendable private func orders(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try self.user(context)
        let page = try await UserOrders(api: api).page(of: user, request)
        let language = Language(request.headers)
        return try .json(
            UserOrdersBody(
                userId: user.description, orders: page.elements.map { OrderBody($0, in: language) }, next: page.next))
    }

    private func user(_ context: APIContext) throws -> UserID {
        _ = try context.requireIdentity()
        let user = try context.pathID("id", as: UserID.self)
        try context.requireSelf(user, orNotFound: Self.notFound)
        return user
    }
}

/// A user's orders, newest first, for the two paths that list them.
struct UserOrders: Sendable {
    let api: APIDependencies

    /// - Throws: ``APIError`` 404 for an unknown user, as ``PageRequest`` for the query.
    func page(of user: UserID, _ request: Request) async throws -> Page<OrderView> {
        let list = "orders/\(user)"
        let asked = try PageRequest(request, of: list, cursors: api.cursors)
        let found = try await api.database.read { transaction -> [OrderView]? in
            guard try UserQueries(transaction).user(user) != nil else { return nil }
            return try OrderQueries(transaction).orders(
                of: user, before: asked.after.map { OrderID($0) }, limit: asked.limit + 1)
        }
        guard let found else { throw APIError(.notFound, ProblemCode(.userNotFound)) }
        return Page(found, asked, of: list, cursors: api.cursors) { $0.id.uuid }
    }
}
