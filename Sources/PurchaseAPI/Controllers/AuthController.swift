import HTTPTypes
import Hummingbird
import PurchaseContracts
import SagaChoreography
import Users

/// Who one is: registration, login, logout, password.
struct AuthController: Sendable {
    let api: APIDependencies
    private var login: LoginCheck { LoginCheck(api: api) }

    var routes: [Route] {
        [
            Route(
                .post, "/auth/register", .access, "Open an account", access: .guest, body: AccessInput.registration,
                answers: [.created(TokenBody.schema)], problems: [409], handler: register),
            Route(
                .post, "/auth/login", .access, "Get a token for name and password", access: .guest,
                body: AccessInput.login, answers: [.ok(TokenBody.schema)], handler: logIn),
            Route(
                .post, "/auth/logout", .access, "End the token that this request carries", access: .user,
                answers: [.noContent], problems: [422], handler: logOut),
            Route(
                .post, "/auth/password", .access, "Change the password; every other token ends", access: .user,
                body: AccessInput.passwordChange, answers: [.ok(TokenBody.schema)], handler: changePassword),
        ]
    }

    @Sendable private func register(_ request: Request, _ context: APIContext) async throws -> Response {
        let asked = try AccessInput.readRegistration(try await request.json(in: context).value)
        let hash = try await api.passwords.hash(asked.password)
        let id = try await api.users.run(RegisterUser(name: asked.name, passwordHash: hash))
        guard let user = try await api.databases[UsersParticipant.service].read({ try UserQueries($0).user(id) }) else {
            throw APIError(.notFound, ProblemCode(.userNotFound))
        }
        return try .json(
            TokenBody(try await login.token(for: user), for: user), status: .created,
            headers: [.location: "/user/\(id)/balance"])
    }

    @Sendable private func logIn(_ request: Request, _ context: APIContext) async throws -> Response {
        let asked = try AccessInput.readLogin(try await request.json(in: context).value)
        let user = try await login.user(asked, from: context.origin(of: request))
        return try .json(TokenBody(try await login.token(for: user), for: user))
    }

    @Sendable private func logOut(_ request: Request, _ context: APIContext) async throws -> Response {
        try await login.revoke(context.token)
        return Response(status: .noContent)
    }

    @Sendable private func changePassword(_ request: Request, _ context: APIContext) async throws -> Response {
        let identity = try context.requireIdentity()
        let asked = try AccessInput.readPasswordChange(try await request.json(in: context).value)
        let id = identity.userID
        let account = try await api.databases[UsersParticipant.service].read { try AccessQueries($0).login(of: id) }
        guard try await api.passwords.matches(asked.current, account?.passwordHash), let account else {
            throw APIError(.unprocessableContent, .wrongPassword)
        }
        guard asked.next.lowercased() != account.user.name.lowercased() else {
            throw APIError.invalid([FieldProblem(pointer: "/newPassword", code: .passwordIsName)])
        }
        let hash = try await api.passwords.hash(asked.next)
        let epoch = try await api.users.run(ChangePassword(of: id, to: hash, replacing: account.passwordHash))
        api.revocations.note(id, epoch: epoch, until: login.endOfOldTokens)
        guard let user = try await api.databases[UsersParticipant.service].read({ try UserQueries($0).user(id) }) else {
            throw APIError(.notFound, ProblemCode(.userNotFound))
        }
        return try .json(TokenBody(try await login.token(for: user), for: user))
    }
}
