import HTTPTypes
import Hummingbird

/// Finds the address that a request came from. A proxy's word for it counts only if the proxy is one of ours, or anyone could
/// choose the address under which he is counted.
struct ClientAddressMiddleware: RouterMiddleware {
    typealias Context = APIContext
    let trusted: Set<String>

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard let peer = context.clientAddress, trusted.contains(peer) else { return try await next(request, context) }
        var context = context
        context.clientAddress = Self.client(behind: peer, request.headers, trusted: trusted)
        return try await next(request, context)
    }

    /// The nearest address that is none of our proxies: each proxy adds, on the right, whom it heard from.
    static func client(behind peer: String, _ headers: HTTPFields, trusted: Set<String>) -> String {
        guard let name = HTTPField.Name("X-Forwarded-For") else { return peer }
        let hops = headers[values: name].flatMap { $0.split(separator: ",") }
        for hop in hops.reversed() {
            let address = hop.filter { !$0.isWhitespace }
            guard !address.isEmpty, address.utf8.count <= 45 else { return peer }
            if !trusted.contains(address) { return address }
        }
        return peer
    }
}
