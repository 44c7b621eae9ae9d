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
            Route(
                .get, "/user/{id}/balance", .users, "What a user can spend, and what is held for orders",
                access: .owner(of: "id"), answers: [.ok(BalanceBody.schema)], handler: balance),
            Route(
                .get, "/user/{id}/inventory", .users, "What a user owns, and the slots it takes",
                access: .owner(of: "id"), answers: [.ok(InventoryBody.schema)], handler: inventory),
            Route(
                .get, "/user/{id}/transactions", .users, "A wallet's statement, newest first", access: .owner(of: "id"),
                parameters: ParameterDescription.page, answers: [.ok(StatementBody.schema)], handler: transactions),
            Route(
                .get, "/user/{id}/orders", .orders, "A user's orders, newest first", access: .owner(of: "id"),
                parameters: ParameterDescription.page, answers: [.ok(UserOrdersBody.schema)], handler: orders),
        ]
    }

    private static let notFound = ProblemCode(.userNotFound)

    @Sendable private func balance(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try self.user(context)
        guard
            let balance = try await api.databases[UsersParticipant.service].read({
                try UserQueries($0).balance(of: user)
            })
        else {
            throw APIError(.notFound, Self.notFound)
        }
        return try .json(BalanceBody(balance, of: user, in: api.settings.currency))
    }

    @Sendable private func inventory(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try self.user(context)
        let (account, held) = try await api.databases.read(
            UsersParticipant.service, { try UserQueries($0).user(user) },
            and: InventoryParticipant.service,
            { transaction in
                let inventory = InventoryQueries(transaction)
                return (goods: try inventory.goods(of: user), slots: try inventory.slots(of: user))
            })
        guard let account else { throw APIError(.notFound, Self.notFound) }
        return try .json(InventoryBody(held.goods, slots: held.slots, capacity: account.slotCapacity, of: user))
    }

    @Sendable private func orders(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try self.user(context)
        let page = try await UserOrders(api: api).page(of: user, request)
        let language = Language(request.headers)
        return try .json(
            UserOrdersBody(
                userId: user.description, orders: page.elements.map { OrderBody($0, in: language) }, next: page.next))
    }

    @Sendable private func transactions(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try self.user(context)
        let list = "transactions/\(user)"
        let asked = try PageRequest(request, of: list, cursors: api.cursors)
        let found = try await api.databases[UsersParticipant.service].read { transaction -> [WalletEntry]? in
            let users = UserQueries(transaction)
            guard try users.user(user) != nil else { return nil }
            return try users.transactions(of: user, before: asked.after, limit: asked.limit + 1)
        }
        guard let found else { throw APIError(.notFound, Self.notFound) }
        let page = Page(found, asked, of: list, cursors: api.cursors) { $0.id }
        return try .json(
            StatementBody(
                userId: user.description, currency: api.settings.currency.code,
                transactions: page.elements.map(StatementBody.Entry.init), next: page.next))
    }

    private func user(_ context: APIContext) throws -> UserID {
        try context.pathID("id", as: UserID.self)
    }
}

/// A user's orders, newest first, for the two paths that list them.
struct UserOrders: Sendable {
    let api: APIDependencies

    /// - Throws: ``APIError`` 404 for an unknown user, as ``PageRequest`` for the query.
    func page(of user: UserID, _ request: Request) async throws -> Page<OrderView> {
        let list = "orders/\(user)"
        let asked = try PageRequest(request, of: list, cursors: api.cursors)
        let (isKnown, found) = try await api.databases.read(
            UsersParticipant.service, { try UserQueries($0).user(user) != nil },
            and: OrdersParticipant.service,
            { transaction in
                try OrderQueries(transaction).orders(
                    of: user, before: asked.after.map { OrderID($0) }, limit: asked.limit + 1)
            })
        guard isKnown else { throw APIError(.notFound, ProblemCode(.userNotFound)) }
        return Page(found, asked, of: list, cursors: api.cursors) { $0.id.uuid }
    }
}
