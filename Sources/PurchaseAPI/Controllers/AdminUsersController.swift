import HTTPTypes
import Hummingbird
import PurchaseContracts
import Users

/// What an administrator sees and changes of accounts and wallets.
struct AdminUsersController: Sendable {
    let api: APIDependencies

    private static let list = "admin/users"
    private static let name = QueryField.text("name", maximum: 100, "How the name begins.")
    private static let role = QueryField<Role>.choice("role", "Only users of this role.")
    private static let active = QueryField.bool("active", "Only active users, or only the others.")

    var routes: [Route] {
        [
            Route(
                .get, "/admin/users", .administration, "Accounts, newest first", access: .role(.admin),
                parameters: ParameterDescription.page + [
                    Self.name.description, Self.role.description, Self.active.description,
                ], answers: [.ok(UserPageBody.schema)], handler: users),
            Route(
                .get, "/admin/users/{id}", .administration, "One account", access: .role(.admin),
                answers: [.ok(UserBody.schema)], handler: user),
            Route(
                .patch, "/admin/users/{id}", .administration,
                "Change an account's activity, roles or slots; its old tokens end", access: .role(.admin),
                body: UserChange.schema, answers: [.ok(UserBody.schema)], problems: [409], handler: change),
            Route(
                .post, "/admin/users/{id}/deposit", .administration, "Pay into a wallet", access: .role(.admin),
                parameters: [.idempotencyKey], body: NewDeposit.schema,
                answers: [.created(DepositBody.schema, headers: ["Location", "Idempotent-Replayed"])],
                problems: [409], handler: deposit),
        ]
    }

    @Sendable private func users(_ request: Request, _ context: APIContext) async throws -> Response {
        let asked = try PageRequest(request, of: Self.list, cursors: api.cursors)
        let filter = UserQueries.Filter(
            namePrefix: try Self.name.value(in: request), role: try Self.role.value(in: request),
            isActive: try Self.active.value(in: request))
        let found = try await api.databases[UsersParticipant.service].read { transaction in
            try UserQueries(transaction).users(
                filter, before: asked.after.map { UserID($0) }, limit: asked.limit + 1)
        }
        let page = Page(found, asked, of: Self.list, cursors: api.cursors) { $0.id.uuid }
        return try .json(UserPageBody(users: page.elements.map(UserBody.init), next: page.next))
    }

    @Sendable private func user(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.pathID("id", as: UserID.self)
        guard let user = try await api.databases[UsersParticipant.service].read({ try UserQueries($0).user(id) }) else {
            throw APIError(.notFound, ProblemCode(.userNotFound))
        }
        return try .json(UserBody(user))
    }

    @Sendable private func change(_ request: Request, _ context: APIContext) async throws -> Response {
        let admin = try context.requireIdentity().userID
        let id = try context.pathID("id", as: UserID.self)
        let change = try UserChange.read(try await request.json(in: context).value)
        let user = try await api.users.run(ChangeUser(id, change, actor: admin))
        api.revocations.note(id, epoch: user.epoch, until: LoginCheck(api: api).endOfOldTokens)
        return try .json(UserBody(user))
    }

    @Sendable private func deposit(_ request: Request, _ context: APIContext) async throws -> Response {
        let admin = try context.requireIdentity().userID
        let id = try context.pathID("id", as: UserID.self)
        let key = try request.idempotencyKey()
        let asked = try NewDeposit.read(try await request.json(in: context).value)
        // A key belongs to whoever made it up: two administrators may choose the same one.
        let receipt = try await api.users.run(
            Deposit(
                user: id, amount: asked.amount, reason: asked.reason, actor: admin, key: key.map { "\(admin)/\($0)" }))
        var headers: HTTPFields = [.location: "/user/\(id)/transactions"]
        if receipt.isRepeat { headers[.idempotentReplayed] = "true" }
        return try .json(
            DepositBody(receipt, to: id, in: api.settings.currency), status: .created, headers: headers)
    }
}
