import HTTPTypes
import Hummingbird

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
        name(of: request.method.rawValue, request.uri.path) ?? matches(request.uri.path).first?.path ?? "unknown"
    }

    /// The route of a method and a path; fixed segments win over parameters, as in the router.
    func name(of method: String, _ path: String) -> String? {
        matches(path).filter { $0.method.rawValue == method }
            .min { $0.segments.count { $0.first == "{" } < $1.segments.count { $0.first == "{" } }?.path
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
