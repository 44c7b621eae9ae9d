import HTTPTypes
import Hummingbird

/// One path and method, and what answers there.
struct Route: Sendable {
    let method: HTTPRequest.Method
    /// Segments, those in braces are parameters: `/orders/{id}`.
    let path: String
    let handler: @Sendable (Request, APIContext) async throws -> Response

    static func get(
        _ path: String, _ handler: @escaping @Sendable (Request, APIContext) async throws -> Response
    ) -> Route {
        Route(method: .get, path: path, handler: handler)
    }

    static func post(
        _ path: String, _ handler: @escaping @Sendable (Request, APIContext) async throws -> Response
    ) -> Route {
        Route(method: .post, path: path, handler: handler)
    }
}

/// What the router knows and does not tell: which methods a path has.
struct RouteTable: Sendable {
    private struct Entry: Sendable {
        let method: HTTPRequest.Method
        let path: String
        let segments: [Substring]
    }

    private let entries: [Entry]

    init(_ routes: [Route]) {
        entries = routes.map { Entry(method: $0.method, path: $0.path, segments: Self.segments(of: $0.path)) }
    }

    /// The methods that answer at `path`; empty for an unknown path.
    func methods(at path: String) -> Set<HTTPRequest.Method> {
        var methods = Set(matches(path).map(\.method))
        if methods.contains(.get) { methods.insert(.head) }
        return methods
    }

    /// The route of a request, for logs and audit: never the path as sent.
    func name(of request: Request) -> String {
        let matches = matches(request.uri.path)
        return (matches.first { $0.method == request.method } ?? matches.first)?.path ?? "unknown"
    }

    private func matches(_ path: String) -> [Entry] {
        let segments = Self.segments(of: path)
        return entries.filter { entry in
            entry.segments.count == segments.count
                && zip(entry.segments, segments).allSatisfy { $0.first == "{" || $0 == $1 }
        }
    }

    private static func segments(of path: some StringProtocol) -> [Substring] {
        Substring(path).split(separator: "/")
    }
}
