import HTTPTypes
import Hummingbird

/// One path and method: who may use it, what it takes, what it answers, and how.
///
/// Everything but the handler is also what `GET /openapi.json` tells and what the documents list.
struct Route: Sendable {
    typealias Handler = @Sendable (Request, APIContext) async throws -> Response

    /// What a success looks like.
    struct Answer: Sendable {
        let status: HTTPResponse.Status
        /// `nil` for an answer without body.
        let schema: Schema?
        var contentType = "application/json"
        /// Names of headers that come along.
        var headers: [String] = []

        static func ok(_ schema: Schema, headers: [String] = []) -> Answer {
            Answer(status: .ok, schema: schema, headers: headers)
        }
        static func created(_ schema: Schema, headers: [String] = ["Location"]) -> Answer {
            Answer(status: .created, schema: schema, headers: headers)
        }
        static func accepted(_ schema: Schema, headers: [String] = []) -> Answer {
            Answer(status: .accepted, schema: schema, headers: headers)
        }
        static let noContent = Answer(status: .noContent, schema: nil)
    }

    let method: HTTPRequest.Method
    /// Segments, those in braces are parameters: `/orders/{id}`.
    let path: String
    let tag: APITag
    /// One line, English.
    let summary: String
    let access: Access
    let answers: [Answer]
    /// Parameters of the query and the header.
    let parameters: [ParameterDescription]
    let body: BodySchema?
    /// How it can fail, beyond what follows from access, path, parameters and body.
    let problems: Set<Int>
    private let handler: Handler

    init(
        _ method: HTTPRequest.Method, _ path: String, _ tag: APITag, _ summary: String, access: Access,
        parameters: [ParameterDescription] = [], body: BodySchema? = nil, answers: [Answer],
        problems: Set<Int> = [], handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.tag = tag
        self.summary = summary
        self.access = access
        self.parameters = parameters
        self.body = body
        self.answers = answers
        self.problems = problems
        self.handler = handler
    }

    @Sendable func answer(_ request: Request, _ context: APIContext) async throws -> Response {
        try access.check(context)
        return try await handler(request, context)
    }

    /// The names in braces.
    var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    /// Every status of a refusal, for the description and the documents.
    var refusals: Set<Int> {
        var refusals = problems.union(access.refusals)
        // Overload and a dependency that is away can meet every request.
        refusals.formUnion([429, 503])
        // A session's cookie that another site's page sends along changes nothing.
        if method != .get { refusals.insert(403) }
        // What a client fills in can make the address too long.
        if !pathParameters.isEmpty || !parameters.isEmpty { refusals.insert(414) }
        if !pathParameters.isEmpty { refusals.formUnion([400, 404]) }
        if body != nil { refusals.formUnion([400, 413, 415, 422]) }
        for parameter in parameters { refusals.formUnion(parameter.refusals) }
        return refusals
    }
}

/// The chapters of the API.
enum APITag: String, Sendable, CaseIterable {
    case orders = "Orders"
    case items = "Items"
    case reservations = "Reservations"
    case coupons = "Coupons"
    case users = "Users"
    case payments = "Payments"
    case access = "Access"
    case administration = "Administration"
    case audit = "Audit"
    case system = "System"
}
