import FoundationEssentials
import Payments
import PurchaseContracts

/// What is sent to the gateway and how its answers read. Pure: a request and a reply in, a verdict out.
enum GatewayMessages {
    static func charge(_ request: ChargeRequest) -> GatewayRequest {
        GatewayRequest(
            .post, "/charges", idempotencyKey: request.key,
            body: json([
                "amount": .integer(request.amount.minorUnits), "currency": .text(request.currency.code),
                "orderReference": .text(request.orderID.description),
            ]))
    }

    static func lookUp(_ request: ChargeRequest) -> GatewayRequest {
        GatewayRequest(.get, "/charges/by-key/\(segment(request.key))")
    }

    static func refund(_ request: RefundRequest) -> GatewayRequest {
        GatewayRequest(
            .post, "/charges/\(segment(request.reference))/refunds", idempotencyKey: request.key,
            body: json([
                "amount": .integer(request.amount.minorUnits), "currency": .text(request.currency.code),
            ]))
    }

    /// A verdict, and what it says of the gateway and of us.
    struct Reading<Answer: Sendable & Equatable>: Sendable, Equatable {
        let answer: Answer
        var concern = Concern.none
    }

    /// What else an answer says.
    enum Concern: Sendable, Equatable {
        case none
        /// The gateway is down or asks to be left alone.
        case outage
        /// It does not take what we send: somebody here has to look.
        case refusedRequest
        /// It says what nobody can use.
        case unusable
    }

    static func readCharge(_ reply: GatewayReply, for request: ChargeRequest) -> Reading<ChargeAnswer> {
        if let failure = failure(of: reply) {
            return Reading(answer: .unknown(why: failure.why), concern: failure.concern)
        }
        guard let body = try? JSONDecoder().decode(ChargeBody.self, from: reply.body) else {
            return Reading(answer: .unknown(why: "HTTP \(reply.status) cannot be read"), concern: .unusable)
        }
        guard body.key == request.key, body.amount == request.amount.minorUnits,
            body.currency == request.currency.code
        else {
            return Reading(answer: .unknown(why: "the answer is about another charge"), concern: .unusable)
        }
        switch (reply.status, body.status) {
        case (200, "captured"), (201, "captured"):
            guard let reference = body.reference, isReference(reference) else {
                return Reading(answer: .unknown(why: "the charge has no usable name"), concern: .unusable)
            }
            return Reading(answer: .captured(reference: reference))
        case (200, "declined"), (201, "declined"), (402, "declined"):
            return Reading(answer: .declined(reason: words(body.reason) ?? "no reason given"))
        case (_, "pending"):
            return Reading(answer: .unknown(why: "still pending"))
        default:
            return Reading(
                answer: .unknown(why: "HTTP \(reply.status), \(words(body.status) ?? "")"), concern: .unusable)
        }
    }

    static func readRefund(_ reply: GatewayReply, for request: RefundRequest) -> Reading<RefundAnswer> {
        if let failure = failure(of: reply) {
            return Reading(answer: .unknown(why: failure.why), concern: failure.concern)
        }
        guard let body = try? JSONDecoder().decode(RefundBody.self, from: reply.body) else {
            return Reading(answer: .unknown(why: "HTTP \(reply.status) cannot be read"), concern: .unusable)
        }
        guard body.key == request.key, body.amount == request.amount.minorUnits,
            body.currency == request.currency.code, body.charge == request.reference
        else {
            return Reading(answer: .unknown(why: "the answer is about another refund"), concern: .unusable)
        }
        switch (reply.status, body.status) {
        case (200, "succeeded"), (201, "succeeded"): return Reading(answer: .refunded)
        case (200, "refused"), (201, "refused"), (402, "refused"):
            return Reading(answer: .refused(reason: words(body.reason) ?? "no reason given"))
        case (_, "pending"): return Reading(answer: .unknown(why: "still pending"))
        default:
            return Reading(
                answer: .unknown(why: "HTTP \(reply.status), \(words(body.status) ?? "")"), concern: .unusable)
        }
    }

    /// `nil` if the body decides.
    private static func failure(of reply: GatewayReply) -> (why: String, concern: Concern)? {
        switch reply.status {
        case 200, 201, 202, 402: nil
        case 429, 500...599: ("HTTP \(reply.status)", .outage)
        case 404: ("HTTP 404\(code(in: reply))", .none)
        case 400...499: ("HTTP \(reply.status)\(code(in: reply))", .refusedRequest)
        default: ("HTTP \(reply.status)", .unusable)
        }
    }

    private static func code(in reply: GatewayReply) -> String {
        let body = try? JSONDecoder().decode(ProblemBody.self, from: reply.body)
        return words(body?.code).map { ", \($0)" } ?? ""
    }
}

extension GatewayMessages {
    private struct ChargeBody: Decodable {
        let key: String
        let status: String
        let amount: Int64
        let currency: String
        let reference: String?
        let reason: String?
    }

    private struct RefundBody: Decodable {
        let key: String
        let charge: String
        let status: String
        let amount: Int64
        let currency: String
        let reason: String?
    }

    private struct ProblemBody: Decodable {
        let code: String?
    }

    private enum Member: Encodable {
        case integer(Int64)
        case text(String)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .integer(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            }
        }
    }

    private static func json(_ members: [String: Member]) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        do {
            return try encoder.encode(members)
        } catch {
            preconditionFailure("numbers and texts are always JSON: \(error)")
        }
    }

    /// What a gateway may call a charge: 1 to 255 visible ASCII characters.
    private static func isReference(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { (33...126).contains($0) }
    }

    /// A stranger's words, short and on one line; they end up in rows and logs.
    private static func words(_ text: String?) -> String? {
        guard let text else { return nil }
        let scalars = text.unicodeScalars.prefix(200).map { scalar in
            scalar.properties.generalCategory == .control ? " " : scalar
        }
        return scalars.isEmpty ? nil : String(String.UnicodeScalarView(scalars))
    }

    /// A text as one segment of a path.
    private static func segment(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        // Dots alone would climb out of the path.
        return text == "." || text == ".." ? encoded.map { _ in "%2E" }.joined() : encoded
    }
}
