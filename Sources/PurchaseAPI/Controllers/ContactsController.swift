import Hummingbird
import PurchaseContracts
import Users

/// How a user is reached.
struct ContactsController: Sendable {
    let api: APIDependencies

    private static let email = Field.email("email")
    private static let input = BodySchema("EmailChange", [email.property])

    var routes: [Route] {
        [
            Route(
                .get, "/user/{id}/email", .users, "Where a user gets mail", access: .owner(of: "id"),
                answers: [.ok(EmailBody.schema)], handler: read),
            Route(
                .put, "/user/{id}/email", .users, "Say where a user gets mail", access: .owner(of: "id"),
                body: Self.input, answers: [.ok(EmailBody.schema)], handler: change),
            Route(
                .delete, "/user/{id}/email", .users, "Forget where a user gets mail", access: .owner(of: "id"),
                answers: [.noContent], handler: forget),
        ]
    }

    @Sendable private func read(_ request: Request, _ context: APIContext) async throws -> Response {
        let user = try context.pathID("id", as: UserID.self)
        let (exists, address) = try await api.databases[UsersParticipant.service].read { transaction in
            (
                try UserQueries(transaction).user(user) != nil,
                try ContactQueries(transaction).emailAddress(of: user)
            )
        }
        guard exists else { throw APIError(.notFound, ProblemCode(.userNotFound)) }
        return try .json(EmailBody(address, of: user))
    }

    @Sendable private func change(_ request: Request, _ context: APIContext) async throws -> Response {
        let actor = try context.requireIdentity().userID
        let user = try context.pathID("id", as: UserID.self)
        var fields = FieldReader(try await request.json(in: context).value, as: Self.input)
        let address = fields.read(Self.email)
        try fields.finish()
        _ = try await api.users.run(SetEmailAddress(of: user, to: address, actor: actor))
        return try .json(EmailBody(address, of: user))
    }

    @Sendable private func forget(_ request: Request, _ context: APIContext) async throws -> Response {
        let actor = try context.requireIdentity().userID
        let user = try context.pathID("id", as: UserID.self)
        _ = try await api.users.run(SetEmailAddress(of: user, to: nil, actor: actor))
        return Response(status: .noContent)
    }
}

/// The answer to GET and PUT /user/{id}/email.
struct EmailBody: Described {
    static let schema = Schema.object(
        "Email", [.required("userId", .id), .optional("email", .string)])

    let userId: String
    /// Missing if none is known.
    let email: String?

    init(_ address: EmailAddress?, of user: UserID) {
        userId = user.description
        email = address?.description
    }
}
