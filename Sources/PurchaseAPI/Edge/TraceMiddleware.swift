import HTTPTypes
import Hummingbird
import SagaChoreography

/// Makes each request a piece of a trace: of the caller's, if it sent a `traceparent` that can be believed, else of one that begins
/// here. The logs name it, and what the request leads to goes on with it. A bad header is no error: it is as if there were none.
///
/// `tracestate` is not read and not handed on: events have no place for it.
struct TraceMiddleware: RouterMiddleware {
    typealias Context = APIContext
    let ids: any IDGenerator

    private static let name = HTTPField.Name(TraceContext.headerName)

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let trace = trace(of: request.headers)
        var context = context
        // Formatted if something is logged, and not before.
        context.logger[metadataKey: "trace_id"] = .stringConvertible(trace.trace)
        return try await TraceContext.$current.withValue(trace) { [context] in try await next(request, context) }
    }

    private func trace(of headers: HTTPFields) -> TraceContext {
        let own = ids.next()
        guard let name = Self.name, headers.contains(name) else { return .beginning(with: own) }
        // Two of them are as good as none: which one counts?
        let values = headers[values: name]
        guard values.count == 1, let caller = TraceContext(traceparent: values[0]) else { return .beginning(with: own) }
        return caller.child(with: own)
    }
}
