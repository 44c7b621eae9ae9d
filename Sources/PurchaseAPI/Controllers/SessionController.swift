import HTTPTypes
import Hummingbird
import PurchaseContracts
import Users

/// A login for pages: the token is in a cookie that no script can read.
struct SessionController: Sendable {
    let api: APIDependencies
    private var login: LoginCheck { LoginCheck(api: api) }

    var routes: [Route] {
        [
            Route(
                .post, "/auth/session", .access, "Log in by a cookie, for pages of this server", access: .guest,
                body: AccessInput.login, answers: [.created(SessionBody.schema, headers: ["Set-Cookie"])],
                handler: open),
            Route(
                .get, "/auth/session", .access, "Who the cookie or the token is", access: .user,
                answers: [.ok(SessionBody.schema)], problems: [404], handler: show),
            Route(
                .delete, "/auth/session", .access, "End the session", access: .user,
                answers: [Route.Answer(status: .noContent, schema: nil, headers: ["Set-Cookie"])],
                problems: [422], handler: close),
        ]
    }

    private var isSecure: Bool { !api.settings.isLoopback }

    @Sendable private func open(_ request: Request, _ context: APIContext) async throws -> Response {
        let asked = try AccessInput.readLogin(try await request.json(in: context).value)
        let user = try await login.user(asked, from: context.origin(of: request))
        let token = try await login.token(for: user)
        let cookie = SessionCookie.header(
            token.text, age: api.settings.tokenLifetime.wholeMilliseconds / 1000, isSecure: isSecure)
        return try .json(
            SessionBody(user: UserBody(user), expiresAt: token.end.description), status: .created,
            headers: [.setCookie: cookie, .location: "/auth/session"])
    }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.requireIdentity().userID
        guard let user = try await api.databases[UsersParticipant.service].read({ try UserQueries($0).user(id) }),
            let token = context.token
        else { throw APIError(.notFound, ProblemCode(.userNotFound)) }
        return try .json(SessionBody(user: UserBody(user), expiresAt: token.end.description))
    }

    @Sendable private func close(_ request: Request, _ context: APIContext) async throws -> Response {
        try await login.revoke(context.token)
        return Response(
            status: .noContent, headers: [.setCookie: SessionCookie.header("", age: 0, isSecure: isSecure)])
    }
}
