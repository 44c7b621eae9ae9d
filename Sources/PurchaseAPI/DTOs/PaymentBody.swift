import Payments
import PurchaseContracts

/// The answer to GET /payments/{orderId}.
struct PaymentBody: Described {
    static let schema = Schema.object(
        "Payment",
        [
            .required("orderId", .id), .required("status", .choice(PaymentView.Status.self)),
            .required("amount", .amount), .required("currency", .currency), .required("method", .string),
            .required("when", .time),
            .optional(
                "failure",
                .object(
                    "PaymentFailure",
                    [.required("cause", .string), .required("code", .string), .required("message", .string)])),
        ])

    struct Failure: Encodable {
        let cause: String
        let code: String
        let message: String
    }

    let orderId: String
    let status: String
    let amount: Int64
    let currency: String
    let method: String
    /// When it was decided; while it is not, when it began.
    let when: String
    let failure: Failure?

    init(_ payment: PaymentView, in language: Language) {
        orderId = payment.orderID.description
        status = payment.status.rawValue
        amount = payment.amount.minorUnits
        currency = payment.currency.code
        method = payment.method
        when = payment.when.description
        failure = payment.failure.map { failure in
            let code = failure.refusal.code.rawValue
            return Failure(
                cause: failure.cause.rawValue, code: code,
                message: Catalogue.wording(of: code, in: language).detail(failure.refusal.parameters))
        }
    }
}
