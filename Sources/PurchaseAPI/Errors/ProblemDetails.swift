import HTTPTypes

/// `application/problem+json` (RFC 9457), and beside it the fields that clients of the original system read.
struct ProblemDetails: Encodable {
    let type: String
    let title: String
    let status: Int
    let detail: String
    let code: String
    /// The path that was asked for.
    let instance: String
    let errors: [FieldError]?
    /// Under which id the logs know an internal error.
    let correlationId: String?
    let success = false
    let message: String
    let error: String

    struct FieldError: Encodable {
        /// JSON pointer into the body (RFC 6901).
        let pointer: String?
        /// Name of the query parameter.
        let parameter: String?
        let code: String
        let detail: String
    }

    private enum CodingKeys: String, CodingKey {
        case type, title, status, detail, code, instance, errors, correlationId, success, message, error
    }

    init(_ problem: APIError, instance: String, correlationID: String?, language: Language) {
        let wording = Catalogue.wording(of: problem.code.slug, in: language)
        let detail = wording.detail(problem.parameters)
        type = "urn:purchase-saga:problem:\(problem.code.slug)"
        title = wording.title
        status = problem.status.code
        self.detail = detail
        code = problem.code.slug
        self.instance = instance
        errors = problem.fields.isEmpty ? nil : problem.fields.map { FieldError($0, in: language) }
        correlationId = correlationID
        message = detail
        error = problem.status.reasonPhrase
    }
}

extension ProblemDetails.FieldError {
    fileprivate init(_ field: FieldProblem, in language: Language) {
        let isQuery = field.pointer.hasPrefix("?")
        pointer = isQuery ? nil : field.pointer
        parameter = isQuery ? String(field.pointer.dropFirst()) : nil
        code = field.code.rawValue
        detail = Catalogue.wording(of: field.code.rawValue, in: language).detail(field.parameters)
    }
}
