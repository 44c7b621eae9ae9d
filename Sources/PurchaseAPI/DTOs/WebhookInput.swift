import Crypto
import FoundationEssentials
import Payments
import PurchaseContracts

/// The body of POST /webhooks/payments.
enum WebhookInput {
    static let id = Field.text("id", maximum: 255)
    static let type = Field.text("type", maximum: 100)
    static let key = Field<OrderID>.id("key").optional
    /// Which refund, by the key under which it was asked for.
    static let refundKey = Field.text("refundKey", maximum: 255).optional
    static let reference = Field.text("reference", maximum: 255).optional
    static let amount = Field.integer("amount", in: 0...Int64.max).optional
    static let currency = Field<Currency>.currency("currency").optional
    static let reason = Field.text("reason", maximum: 500).optional

    /// A gateway adds members as it grows; what this system does not need is ignored.
    static let schema = BodySchema(
        "PaymentEvent", others: .ignored,
        [
            id.property, type.property, key.property, refundKey.property, reference.property, amount.property,
            currency.property,
            reason.property,
        ])

    /// - Returns: `nil` for a type of event that means nothing here.
    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONBody) throws(APIError) -> GatewayEvent? {
        var fields = FieldReader(body.value, as: schema)
        let id = fields.read(id)
        let type = fields.read(type)
        let kind = type.flatMap { GatewayEvent.Kind(rawValue: $0) }
        guard let kind else {
            try fields.finish()
            return nil
        }
        for name in [Self.key.name, Self.amount.name, Self.currency.name] where !fields.has(name) {
            fields.report(name, .required)
        }
        if kind != .chargeDeclined, !fields.has(Self.reference.name) { fields.report(Self.reference.name, .required) }
        let key = fields.read(Self.key)
        let refundKey = fields.read(Self.refundKey)
        let reference = fields.read(Self.reference)
        let amount = fields.read(Self.amount)
        let currency = fields.read(Self.currency)
        let reason = fields.read(Self.reason)
        try fields.finish()
        guard let id, let key, let amount, let currency else { throw .invalid([]) }
        return GatewayEvent(
            id: id, digest: Data(SHA256.hash(data: body.bytes)), kind: kind, orderID: key, reference: reference,
            amount: Money(amount), currency: currency, reason: reason ?? "",
            refundID: refundKey.flatMap { $0 }.flatMap { ClaimedPayment.refund(named: $0) })
    }
}

extension Field where Value == Currency {
    /// An ISO 4217 code.
    static func currency(_ name: String) -> Field {
        Field(name, .currency) { value throws(Fault) in
            guard case .string(let text) = value else { throw Fault(code: .string) }
            guard let currency = Currency(text) else { throw Fault(code: .invalid) }
            return currency
        }
    }
}

/// The answer to a webhook: what became of the event.
struct WebhookBody: Described {
    enum Outcome: String, Encodable, CaseIterable { case applied, known, duplicate, noted, ignored }

    static let schema = Schema.object(
        "PaymentEventOutcome", [.required("received", .constant(true)), .required("outcome", .choice(Outcome.self))])

    let received = true
    let outcome: Outcome

    private enum CodingKeys: String, CodingKey { case received, outcome }
}
