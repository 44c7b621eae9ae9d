import HTTPTypes
import Hummingbird
import SagaChoreography

/// Finds out who asks. No `Authorization` header is a guest; a bad one is refused even where guests may enter, so that a
/// client never believes to be somebody it is not.
struct AuthenticationMiddleware: RouterMiddleware {
    typealias Context = APIContext
    let authenticator: Authenticator

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let values = request.headers[values: .authorization]
        guard !values.isEmpty else {
            guard let token = SessionCookie.token(of: request) else { return try await go(on: request, context, next) }
            return try await go(on: request, byCookie(token, request, context), next)
        }
        guard values.count == 1, let token = Self.bearer(in: values[0]) else {
            throw APIError.tokenRefused(.malformed)
        }
        do {
            return try await go(on: request, known(try await authenticator.verified(token), context), next)
        } catch let refusal as TokenRefusal {
            throw APIError.tokenRefused(refusal)
        }
    }

    /// The token behind `Bearer` and one space. Byte by byte: a token is long, and every request has one.
    private static func bearer(in value: String) -> String? {
        let parts = value.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 2, Substring(parts[0]).lowercased() == "bearer" else { return nil }
        return String(Substring(parts[1]))
    }

    /// What is written down of the request's changes says who asked.
    private func go(
        on request: Request, _ context: APIContext, _ next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        try await RequestOrigin.$current.withValue(context.origin(of: request)) { try await next(request, context) }
    }

    /// A browser sends a cookie with whatever a page of anybody makes it send. One that is not believed is therefore no error but
    /// a guest, and one that is counts only if the page is ours, or nothing can be changed.
    private func byCookie(_ token: String, _ request: Request, _ context: Context) async throws -> Context {
        let verified: VerifiedToken
        do { verified = try await authenticator.verified(token) } catch { return context }
        guard request.method == .get || request.method == .head || SessionCookie.isFromOwnPage(request) else {
            throw APIError.forbidden(verified.identity, reason: "a session used from another site")
        }
        return known(verified, context)
    }

    private func known(_ token: VerifiedToken, _ context: Context) -> Context {
        var context = context
        context.identity = token.identity
        context.token = token
        return context
    }
}
