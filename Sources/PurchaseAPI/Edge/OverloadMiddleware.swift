import Hummingbird
import Synchronization

/// Bounds how many requests are worked on at once. Beyond it the answer is a quick "later": a waiting line that grows only makes
/// every answer late. Health is always answered.
struct OverloadMiddleware: RouterMiddleware {
    typealias Context = APIContext
    let gate: RequestGate

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard !request.uri.path.hasPrefix("/health") else { return try await next(request, context) }
        guard gate.enter() else { throw APIError.unavailable(.overloaded, retryAfter: 1) }
        defer { gate.leave() }
        return try await next(request, context)
    }
}

/// Counts who is in.
final class RequestGate: Sendable {
    private let most: Int
    private let inside = Atomic(0)

    init(most: Int) { self.most = most }

    /// - Returns: whether there was room; then ``leave()`` must follow.
    func enter() -> Bool {
        if inside.add(1, ordering: .relaxed).newValue <= most { return true }
        leave()
        return false
    }

    func leave() { inside.subtract(1, ordering: .relaxed) }
}
