import Hummingbird
import Items
import PurchaseContracts
import Users

/// Something to try the system with, on one's own machine.
struct TestDataController: Sendable {
    let api: APIDependencies

    /// None where it must not be: it hands out an admin's token.
    var routes: [Route] {
        guard !api.settings.isProduction, api.settings.isLoopback else { return [] }
        return [
            Route(
                .post, "/setup-test-data", .system, "A user, items and tokens to try with; the same when called again",
                access: .guest, answers: [.created(TestDataBody.schema, headers: [])], handler: setUp)
        ]
    }

    private static let items: [(name: String, price: Int64, stock: Int64)] = [
        ("마법검", 10_000, 50), ("방패", 5_000, 30), ("회복물약", 1_000, 100),
    ]

    @Sendable private func setUp(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try await api.users.run(
            EnsureUser(name: "testuser", roles: [.user], balance: api.settings.testUserBalance)
        ).id
        let admin = try await api.users.run(EnsureUser(name: "admin", roles: [.admin])).id
        var items: [Item] = []
        for item in Self.items {
            items.append(
                try await api.items.run(
                    EnsureItem(
                        name: item.name, price: Money(item.price), stock: api.settings.testItemStock ?? item.stock)))
        }
        try await api.waitForCatalogue(items)
        let (account, balance) = try await api.databases[UsersParticipant.service].read { transaction in
            (try UserQueries(transaction).user(user), try UserQueries(transaction).balance(of: user))
        }
        guard let account, let balance else { throw APIError(.notFound, ProblemCode(.userNotFound)) }
        let body = TestDataBody(
            message: Catalogue.wording(of: "done.test-data", in: Language(request.headers)).detail([:]),
            data: .init(
                user: .init(id: user.description, name: account.name, balance: balance.available.minorUnits),
                items: items.map { ItemBody($0, in: api.settings.currency) },
                tokens: .init(user: try await token(for: user), admin: try await token(for: admin))))
        return try .json(body, status: .created)
    }

    /// A token that says no more than the account does: someone else may have taken the name before.
    private func token(for user: UserID) async throws -> String {
        let account = try await api.databases[UsersParticipant.service].read { try UserQueries($0).user(user) }
        let roles = (account?.roles ?? []).compactMap { AccessRole(rawValue: $0.rawValue) }
        return try await api.issuer.token(for: user, roles: Set(roles))
    }
}
