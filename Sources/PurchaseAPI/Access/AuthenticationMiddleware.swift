import HTTPTypes
import Hummingbird

/// Finds out who asks. No `Authorization` header is a guest; a bad one is refused even where guests may enter, so that a
/// client never believes to be somebody it is not.
struct AuthenticationMiddleware: RouterMiddleware {
    typealias Context = APIContext
    let authenticator: Authenticator

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let values = request.headers[values: .authorization]
        guard !values.isEmpty else { return try await next(request, context) }
        let parts = values[0].split(separator: " ", omittingEmptySubsequences: false)
        guard values.count == 1, parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw APIError.tokenRefused(.malformed)
        }
        var context = context
        do {
            context.identity = try await authenticator.identity(from: String(parts[1]))
        } catch {
            throw APIError.tokenRefused(error)
        }
        return try await next(request, context)
    }
}
