import Orders
import PurchaseContracts

/// A refund as it is answered.
struct RefundBody: Described {
    static let schema = Schema.object(
        "Refund",
        [
            .required("id", .id), .required("orderId", .id), .required("status", .choice(RefundState.self)),
            .required("openedAt", .time), .optional("closedAt", .time), .optional("reason", .string),
            .optional(
                "failure", .object("RefundFailure", [.required("code", .string), .required("message", .string)])),
            .optional("message", .string),
        ])

    struct Failure: Encodable {
        let code: String
        let message: String
    }

    let id: String
    let orderId: String
    let status: String
    let openedAt: String
    let closedAt: String?
    /// The admin's words, for admins only.
    var reason: String?
    /// Why it came to nothing.
    let failure: Failure?
    var message: String?

    init(
        id: String, orderId: String, status: String, openedAt: String, closedAt: String? = nil, reason: String? = nil,
        failure: Failure? = nil, message: String? = nil
    ) {
        self.id = id
        self.orderId = orderId
        self.status = status
        self.openedAt = openedAt
        self.closedAt = closedAt
        self.reason = reason
        self.failure = failure
        self.message = message
    }

    init(_ refund: RefundView, in language: Language) {
        id = refund.id.description
        orderId = refund.orderID.description
        status = refund.state.rawValue
        openedAt = refund.openedAt.description
        closedAt = refund.closedAt?.description
        failure = refund.refusal.map { Failure(code: $0.code.rawValue, message: language.sentence(for: $0)) }
    }
}
