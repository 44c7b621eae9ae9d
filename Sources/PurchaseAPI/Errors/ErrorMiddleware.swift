import HTTPTypes
import Hummingbird
import Logging
import SagaChoreography
import SagaSQL

/// The outermost layer: whatever happens inside, the answer is a problem in the client's language, with security headers,
/// and gives nothing away.
struct ErrorMiddleware: RouterMiddleware {
    typealias Context = APIContext
    let routes: RouteTable
    /// Audits refused access.
    let commands: SQLCommands
    let clock: any SagaClock
    let refusals: RefusalLog

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = try await answer(to: error, request, context)
            // An answer to HEAD has no body, or the next answer on the connection would be read wrongly.
            if request.method == .head { response = response.createHeadResponse() }
        }
        SecurityHeaders.add(to: &response.headers)
        return response
    }

    private func answer(to error: any Error, _ request: Request, _ context: APIContext) async throws -> Response {
        var problem = APIError(describing: error)
        // A method that is not there is not there whoever asks.
        if problem.code == .unknownPath || problem.code == .tokenRefused {
            let allowed = routes.methods(at: request.uri.path)
            if !allowed.isEmpty, !allowed.contains(request.method) {
                problem = APIError(
                    .methodNotAllowed, .wrongMethod,
                    headers: [.allow: allowed.map(\.rawValue).sorted().joined(separator: ", ")])
            }
        }
        if let refusal = problem.refusal { await audit(refusal, problem.status, request, context) }
        let isInternal = problem.code == .internalError
        if isInternal {
            context.logger.error(
                "request failed", metadata: ["error": "\(error)", "route": "\(routes.name(of: request))"])
        } else if problem.status == .serviceUnavailable {
            context.logger.warning("request refused for now", metadata: ["error": "\(error)"])
        }
        return try Response.json(
            ProblemDetails(
                problem, instance: request.uri.path, correlationID: isInternal ? context.requestID : nil,
                language: Language(request.headers)),
            status: problem.status, headers: localized(problem.headers, request),
            contentType: "application/problem+json; charset=utf-8")
    }

    private func localized(_ headers: HTTPFields, _ request: Request) -> HTTPFields {
        var headers = headers
        headers[.contentLanguage] = Language(request.headers).rawValue
        headers[.vary] = "Accept-Language"
        return headers
    }

    /// The refusal stands whether or not it can be written down, but it is never lost in silence.
    private func audit(
        _ refusal: RefusedAccess, _ status: HTTPResponse.Status, _ request: Request, _ context: APIContext
    ) async {
        let route = routes.name(of: request)
        let key = RefusalLog.Key(
            address: context.clientAddress, actor: refusal.actor, reason: refusal.reason,
            route: "\(request.method.rawValue) \(route)")
        guard let suppressed = refusals.admit(key, at: clock.now()) else { return }
        do {
            try await commands.run(
                RecordRefusedAccess(
                    refusal: refusal, method: request.method.rawValue, route: route, status: status.code,
                    origin: context.origin(of: request), suppressed: suppressed))
        } catch {
            context.logger.error("refused access could not be audited", metadata: ["error": "\(error)"])
        }
    }
}
