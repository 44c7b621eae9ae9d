import HTTPTypes
import Hummingbird

/// What the router knows and does not tell: which methods a path has.
struct RouteTable: Sendable {
    private struct Entry: Sendable {
        let method: HTTPRequest.Method
        let path: String
        let segments: [Substring]

        var parameterCount: Int { segments.count { $0.first == "{" } }
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

    /// The route of a method and a path.
    func name(of method: String, _ path: String) -> String? {
        matches(path).first { $0.method.rawValue == method }?.path
    }

    /// The routes of the one path that the router takes: where fixed segments match, parameters do not.
    private func matches(_ path: String) -> [Entry] {
        let segments = Self.segments(of: path)
        let fitting = entries.filter { entry in
            entry.segments.count == segments.count
                && zip(entry.segments, segments).allSatisfy { $0.first == "{" || $0 == $1 }
        }
        let fewest = fitting.map(\.parameterCount).min()
        return fitting.filter { $0.parameterCount == fewest }
    }

    private static func segments(of path: some StringProtocol) -> [Substring] {
        Substring(path).split(separator: "/")
    }
}
