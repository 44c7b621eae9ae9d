import HTTPTypes
import Hummingbird
import Metrics
import Synchronization

/// Measures how long each request took, by method, route and status. Routes are counted as they are written (`/orders/{id}`),
/// never as they were called: a caller must not be able to make up time series. The time ends where the answer begins to be sent.
struct RequestMetrics: RouterMiddleware {
    typealias Context = APIContext

    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    /// Making an instrument looks it up by name; once per kind of request is enough.
    private final class Instruments: Sendable {
        private let timers = Mutex<[Key: Timer]>([:])

        subscript(key: Key) -> Timer {
            timers.withLock { timers in
                if let timer = timers[key] { return timer }
                let timer = Timer(
                    label: "purchase_http_request_duration_seconds",
                    dimensions: [
                        ("method", key.method), ("route", key.route), ("status", String(key.status)),
                    ])
                timers[key] = timer
                return timer
            }
        }
    }

    private let instruments = Instruments()

    private static let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let begin = ContinuousClock.now
        let response = try await next(request, context)
        let method = Self.known.contains(request.method) ? request.method.rawValue : "OTHER"
        // The router names what it does not know as well, but not by a path.
        let route = context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "none"
        let key = Key(method: method, route: route, status: response.status.code)
        instruments[key].record(duration: ContinuousClock.now - begin)
        return response
    }
}
