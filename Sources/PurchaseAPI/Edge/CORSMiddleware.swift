import HTTPTypes
import Hummingbird

/// Lets pages of named origins use the API from a browser. An origin that is not named gets the answer it always got, without
/// the headers that would let its script read it.
///
/// Outside everything else, so that refusals and problems can be read as well.
struct CORSMiddleware: RouterMiddleware {
    typealias Context = APIContext
    let origins: Set<String>
    /// Every method that some route has.
    let methods: String

    init(origins: Set<String>, routes: [Route]) {
        self.origins = origins
        methods = Set(routes.map(\.method.rawValue)).sorted().joined(separator: ", ")
    }

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin], origins.contains(origin) else {
            var response = try await next(request, context)
            Self.vary(&response.headers)
            return response
        }
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            return preflight(origin)
        }
        var response = try await next(request, context)
        Self.vary(&response.headers)
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = Self.exposed
        SecurityHeaders.shareAcrossOrigins(&response.headers)
        return response
    }

    private func preflight(_ origin: String) -> Response {
        var headers = HTTPFields()
        Self.vary(&headers)
        headers[.accessControlAllowOrigin] = origin
        headers[.accessControlAllowMethods] = methods
        headers[.accessControlAllowHeaders] = Self.allowed
        headers[.accessControlMaxAge] = "600"
        SecurityHeaders.add(to: &headers)
        SecurityHeaders.shareAcrossOrigins(&headers)
        return Response(status: .noContent, headers: headers)
    }

    /// The answer depends on who asks: no cache may give it to another.
    private static func vary(_ headers: inout HTTPFields) {
        headers[.vary] = headers[.vary].map { "\($0), Origin" } ?? "Origin"
    }

    /// What the API reads. No cookies: access is by token, so no credentials are allowed either.
    private static let allowed = "Accept-Language, Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Prefer"
    /// What the answers say beside what a script may always read.
    private static let exposed = [
        "Allow", "Idempotent-Replayed", "Link", "Location", "Preference-Applied", "RateLimit-Limit",
        "RateLimit-Remaining", "RateLimit-Reset", "Retry-After", "WWW-Authenticate",
    ].joined(separator: ", ")
}
