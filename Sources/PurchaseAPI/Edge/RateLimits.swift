import HTTPTypes
import Hummingbird
import SagaChoreography

/// Which requests are limited, and by whom they are counted.
struct RateLimits: Sendable {
    private let access: RateLimiter
    private let orders: RateLimiter
    private let tests: RateLimiter
    private let clock: any SagaClock

    init(_ limit: RateLimit, clock: any SagaClock) {
        access = RateLimiter(RateLimit(window: limit.window, requests: max(1, limit.requests / 5)))
        orders = RateLimiter(limit)
        tests = RateLimiter(RateLimit(window: limit.window, requests: max(1, limit.requests / 20)))
        self.clock = clock
    }

    /// Counts a request.
    ///
    /// - Returns: the fields that say what is left; none for a route that is not limited.
    /// - Throws: ``APIError`` 429 with `Retry-After`.
    func check(_ route: Route, _ context: APIContext) throws(APIError) -> HTTPFields {
        let address = context.clientAddress ?? "-"
        let verdict: RateLimiter.Verdict
        if route.path.hasPrefix("/auth/") {
            // By address alone: whoever guesses passwords has no token.
            verdict = access.ask(address, at: clock.now())
        } else if route.method == .post, route.path == "/orders" {
            verdict = orders.ask(context.identity?.userID.description ?? address, at: clock.now())
        } else if route.path == "/admin/notifications/test" {
            // Each one is a mail to somebody.
            verdict = tests.ask(context.identity?.userID.description ?? address, at: clock.now())
        } else {
            return [:]
        }
        let fields = Self.fields(verdict)
        guard verdict.isAllowed else {
            var headers = fields
            headers[.retryAfter] = String(verdict.seconds)
            throw APIError(.tooManyRequests, .tooManyRequests, headers: headers)
        }
        return fields
    }

    /// The three fields of draft-ietf-httpapi-ratelimit-headers-03 that clients know.
    private static func fields(_ verdict: RateLimiter.Verdict) -> HTTPFields {
        var fields: HTTPFields = [:]
        for (name, value) in [
            ("RateLimit-Limit", Int64(verdict.limit)), ("RateLimit-Remaining", Int64(verdict.remaining)),
            ("RateLimit-Reset", verdict.seconds),
        ] {
            if let name = HTTPField.Name(name) { fields[name] = String(value) }
        }
        return fields
    }
}
