import Foundation
import HTTPTypes
import Hummingbird
import Logging
import ServiceLifecycle

/// A payment gateway to develop and test against: it speaks the protocol of docs/payment-gateway.md, keeps its book in memory,
/// and misbehaves as it is told to.
public struct ReferenceGateway: Sendable {
    private let settings: Settings
    private let book: Book
    private let sender: WebhookSender?

    public init(_ settings: Settings, logger: Logger) {
        self.settings = settings
        book = Book(settings)
        sender = settings.webhook.map { WebhookSender($0, logger: logger) }
    }

    /// What has to run beside the server.
    public var services: [any Service] { sender.map { [$0] } ?? [] }

    /// Every charge so far.
    public var charges: [Charge] { book.charges }

    /// Its paths.
    public func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.post("charges") { request, context in
            try await answer(to: request) { try await charge(request, context) }
        }
        router.get("charges/by-key/:key") { request, context in
            try await answer(to: request) { try await lookUp(try context.parameters.require("key")) }
        }
        router.post("charges/:reference/refunds") { request, context in
            try await answer(to: request) {
                try await refund(try context.parameters.require("reference"), request, context)
            }
        }
        router.get("book") { request, _ in
            try await answer(to: request) { try Self.json(BookBody(charges: book.charges)) }
        }
        router.put("webhooks/endpoint") { request, context in
            try await answer(to: request) {
                sender?.move(to: try await request.decode(as: EndpointBody.self, context: context).url)
                return Response(status: .noContent)
            }
        }
        router.post("webhooks/resend") { request, _ in
            try await answer(to: request) { try Self.json(ResentBody(events: sender?.tellAgain() ?? 0)) }
        }
        return router
    }

    /// Only whoever has the key is answered; a problem has a code.
    private func answer(to request: Request, _ work: () async throws -> Response) async throws -> Response {
        guard request.headers[.authorization] == "Bearer \(settings.apiKey)" else {
            return try Self.problem(.unauthorized, "unauthorized")
        }
        do {
            return try await work()
        } catch is DecodingError {
            return try Self.problem(.badRequest, "malformed")
        } catch let refusal as Book.Refusal {
            switch refusal {
            case .keyReused: return try Self.problem(.unprocessableContent, "idempotency-key-reused")
            case .noSuchCharge: return try Self.problem(.notFound, "no-such-charge")
            case .notTheWholeAmount: return try Self.problem(.unprocessableContent, "not-the-whole-amount")
            }
        }
    }

    private func charge(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        guard let key = Self.key(of: request) else { return try Self.problem(.badRequest, "no-idempotency-key") }
        let body = try await request.decode(as: NewCharge.self, context: context)
        guard body.amount > 0 else { return try Self.problem(.unprocessableContent, "amount") }
        return try await meeting(settings.fate(key, call: book.call(key))) {
            let (charge, isNew) = try book.charge(
                key, amount: body.amount, currency: body.currency, orderReference: body.orderReference)
            let isDeclined = charge.reference == nil
            if isNew {
                try sender?.tell(
                    GatewayEvent(isDeclined ? "charge.declined" : "charge.captured", charge, reason: charge.reason),
                    traceparent: Self.traceparent(of: request))
            }
            return try Self.json(charge, isDeclined ? Self.declined : isNew ? .created : .ok)
        }
    }

    private func lookUp(_ key: String) async throws -> Response {
        try await meeting(settings.fate("look-up/\(key)", call: book.call("look-up/\(key)"))) {
            guard let charge = book.charge(under: key) else { return try Self.problem(.notFound, "no-such-charge") }
            return try Self.json(charge)
        }
    }

    private func refund(_ reference: String, _ request: Request, _ context: BasicRequestContext) async throws
        -> Response
    {
        guard let key = Self.key(of: request) else { return try Self.problem(.badRequest, "no-idempotency-key") }
        let body = try await request.decode(as: NewRefund.self, context: context)
        return try await meeting(settings.fate(key, call: book.call(key))) {
            let (refund, charge, isNew) = try book.refund(
                key, of: reference, amount: body.amount, currency: body.currency)
            let isRefused = refund.status == "refused"
            if isNew {
                try sender?.tell(
                    GatewayEvent(
                        isRefused ? "refund.refused" : "refund.succeeded", charge, refund: refund, reason: refund.reason
                    ),
                    traceparent: Self.traceparent(of: request))
            }
            return try Self.json(refund, isRefused ? Self.declined : isNew ? .created : .ok)
        }
    }

    /// Does the work, or does not, and answers, or does not.
    private func meeting(_ fate: Settings.Fate, _ work: () throws -> Response) async throws -> Response {
        switch fate {
        case .answered: return try work()
        case .failsBefore: return try Self.problem(.internalServerError, "internal")
        case .failsAfter:
            _ = try work()
            return try Self.problem(.internalServerError, "internal")
        case .unanswered:
            _ = try work()
            // Nobody waits that long; if somebody does, he learns nothing.
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: settings.silence) }
            return try Self.problem(.gatewayTimeout, "silence")
        }
    }
}

extension ReferenceGateway {
    private struct NewCharge: Decodable {
        let amount: Int64
        let currency: String
        let orderReference: String
    }

    private struct NewRefund: Decodable {
        let amount: Int64
        let currency: String
    }

    private struct EndpointBody: Decodable { let url: String }

    private static let declined = HTTPResponse.Status(code: 402, reasonPhrase: "Payment Required")

    private struct BookBody: Encodable { let charges: [Charge] }
    private struct ResentBody: Encodable { let events: Int }
    private struct ProblemBody: Encodable { let code: String }

    private static func key(of request: Request) -> String? {
        guard let name = HTTPField.Name("Idempotency-Key"), let key = request.headers[name],
            (1...255).contains(key.utf8.count)
        else { return nil }
        return key
    }

    private static func traceparent(of request: Request) -> String? {
        HTTPField.Name("traceparent").flatMap { request.headers[$0] }
    }

    private static func problem(_ status: HTTPResponse.Status, _ code: String) throws -> Response {
        try json(ProblemBody(code: code), status)
    }

    private static func json(_ body: some Encodable, _ status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: try encoder.encode(body))))
    }
}
