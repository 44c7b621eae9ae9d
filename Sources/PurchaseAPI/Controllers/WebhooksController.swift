import HTTPTypes
import Hummingbird
import Payments
import WebhookSigning

/// What the payment gateway tells of its own accord.
struct WebhooksController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            Route(
                .post, "/webhooks/payments", .payments, "What the payment gateway tells, signed by it",
                access: .signature, parameters: [.webhookSignature], body: WebhookInput.schema,
                answers: [.ok(WebhookBody.schema)], problems: [404, 409], handler: payment)
        ]
    }

    @Sendable private func payment(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let secret = api.settings.webhookSecret else { throw APIError(.notFound, .unknownPath) }
        // Nothing of a body is read before it is known whom it comes from, and what was signed are its bytes.
        let bytes = try await request.bytes(in: context)
        try check(request, over: bytes, WebhookSignature(secret: secret))
        guard let event = try WebhookInput.read(try request.json(of: bytes)) else {
            return try .json(WebhookBody(outcome: .ignored))
        }
        let outcome: WebhookBody.Outcome =
            switch try await api.payments.run(RecordGatewayEvent(event)) {
            case .applied: .applied
            case .known: .known
            case .duplicate: .duplicate
            // The alarm is for the people here: that it comes again helps nobody.
            case .contradiction: .noted
            // Not 2xx, so that the gateway sends it again.
            case .early: throw APIError(.conflict, .webhookEarly, headers: [.retryAfter: "5"])
            case .reused: throw APIError(.unprocessableContent, .webhookReused)
            }
        return try .json(WebhookBody(outcome: outcome))
    }

    private func check(_ request: Request, over bytes: [UInt8], _ signature: WebhookSignature) throws(APIError) {
        let values = HTTPField.Name(WebhookSignature.headerName).map { request.headers[values: $0] } ?? []
        do {
            try signature.check(values.count == 1 ? values[0] : nil, over: bytes, at: api.clock.now())
        } catch {
            throw .signatureRefused(error)
        }
    }
}

extension ParameterDescription {
    static let webhookSignature = ParameterDescription(
        name: WebhookSignature.headerName, place: .header,
        summary: "`t=<seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>` under the shared secret, at most 300 s old.",
        schema: .string, isRequired: true, refusals: [401])
}

extension APIError {
    /// 401 that does not say what is wrong with the signature: whoever forges one learns nothing.
    static func signatureRefused(_ why: WebhookSignature.Refusal) -> APIError {
        var error = APIError(.unauthorized, .signatureRefused, headers: [.wwwAuthenticate: "Signature"])
        error.refusal = RefusedAccess(actor: nil, reason: "webhook signature: \(why.rawValue)")
        return error
    }
}

extension ProblemCode {
    static let signatureRefused: Self = "access.signature-refused"
    static let webhookEarly: Self = "payments.event-early"
    static let webhookReused: Self = "payments.event-id-reused"

    /// What only webhooks are answered.
    static let webhooks: [ProblemCode] = [signatureRefused, webhookEarly, webhookReused]
}
