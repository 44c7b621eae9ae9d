import Foundation
import ProcessDriver

/// The parts of the answers about dead letters that the operator reads.
enum Parked {
    struct Groups: Decodable { let groups: [Group] }

    struct Group: Decodable, Sendable {
        let consumer: String
        let type: String
        let kind: String
        let cause: String
        let count: Int
    }

    struct Page: Decodable { let deadLetters: [Letter] }

    struct Letter: Decodable, Sendable {
        let id: String
        let consumer: String
        let eventId: String
        let type: String
        let orderId: String?
    }

    struct Plan: Decodable {
        struct Item: Decodable {
            let possible: Bool
            let effect: String?
            let fault: String?
        }

        let items: [Item]
    }

    struct Operation: Decodable {
        struct Item: Decodable {
            let state: String
            let disposition: String?
        }

        let state: String
        let items: [Item]
    }

    private struct Problem: Decodable { let code: String? }

    /// The code of a refusal.
    static func code(_ answer: Storefront.Answer) -> String? {
        (try? answer.decoded(as: Problem.self))?.code
    }

    /// What a letter must have said, as JSON; `nil` if nobody knows, or it can be read.
    static func known(_ answer: Storefront.Answer) throws -> String? {
        let letter = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
        let known = letter?["known"] as? [String: Any]
        return try known?["data"].map {
            String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
        }
    }

    static func text(_ answer: Storefront.Answer) -> String { String(decoding: answer.body, as: UTF8.self) }
}

/// The body of an intervention: why, and what it is about if its path does not say.
struct Reason {
    let body: String

    init(_ reason: String) { body = #"{"reason":"\#(reason)"}"# }

    init(_ reason: String, _ group: Parked.Group) {
        struct Body: Encodable {
            let reason: String
            let consumer: String
            let type: String
            let kind: String
            let cause: String
        }
        let all = Body(
            reason: reason, consumer: group.consumer, type: group.type, kind: group.kind, cause: group.cause)
        // Texts alone: there is nothing that could not be encoded.
        body = (try? JSONEncoder().encode(all)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
