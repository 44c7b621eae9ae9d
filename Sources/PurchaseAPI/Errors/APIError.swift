import HTTPTypes
import Hummingbird

/// An answer that is a problem. Everything a handler throws becomes one (see ``APIError/init(describing:)``).
struct APIError: Error, Sendable {
    let status: HTTPResponse.Status
    let code: ProblemCode
    /// Numbers for the wording.
    var parameters: [String: Int64] = [:]
    var fields: [FieldProblem] = []
    var headers: HTTPFields = [:]
    /// Set if this refuses access, which is audited.
    var refusal: RefusedAccess?

    init(
        _ status: HTTPResponse.Status, _ code: ProblemCode, parameters: [String: Int64] = [:], headers: HTTPFields = [:]
    ) {
        self.status = status
        self.code = code
        self.parameters = parameters
        self.headers = headers
    }

    /// 422 with everything that is wrong.
    static func invalid(_ fields: [FieldProblem]) -> APIError {
        var error = APIError(.unprocessableContent, .invalid)
        error.fields = fields
        return error
    }

    static var tokenMissing: APIError {
        var error = APIError(.unauthorized, .tokenMissing, headers: [.wwwAuthenticate: "Bearer realm=\"purchase\""])
        error.refusal = RefusedAccess(actor: nil, reason: "no token")
        return error
    }

    static func tokenRefused(_ why: TokenRefusal) -> APIError {
        var error = APIError(
            .unauthorized, .tokenRefused,
            headers: [.wwwAuthenticate: "Bearer realm=\"purchase\", error=\"invalid_token\""])
        error.refusal = RefusedAccess(actor: nil, reason: "token: \(why.rawValue)")
        return error
    }

    static func forbidden(_ identity: Identity, reason: String) -> APIError {
        var error = APIError(.forbidden, .forbidden)
        error.refusal = RefusedAccess(actor: identity.userID.uuid, reason: reason)
        return error
    }

    /// 404 that hides what is there: the client cannot tell it from a plain one, the audit trail can.
    static func notFound(_ code: ProblemCode, refusing identity: Identity, reason: String) -> APIError {
        var error = APIError(.notFound, code)
        error.refusal = RefusedAccess(actor: identity.userID.uuid, reason: reason)
        return error
    }

    static func unavailable(_ code: ProblemCode = .unavailable, retryAfter seconds: Int) -> APIError {
        APIError(.serviceUnavailable, code, headers: [.retryAfter: String(seconds)])
    }
}
