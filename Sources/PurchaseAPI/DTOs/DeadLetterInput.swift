import FoundationEssentials
import Hummingbird
import PurchaseContracts
import SagaChoreography
import SagaSQL

/// The query of a list of dead letters.
enum DeadLetterQuery {
    private static let consumer = QueryField.text("consumer", maximum: 100, "Only what this service could not handle.")
    private static let type = QueryField.text("type", maximum: 100, "Only events of this type.")
    private static let kind = QueryField<ParkedMessage.Kind>.choice("kind", "Only what no retry helps for this reason.")
    private static let cause = QueryField.text("cause", maximum: 2000, "Only what has this fault, exactly.")
    private static let order = QueryField<OrderID>.id("orderId", "Only what belongs to this order.")

    static let descriptions = [
        consumer.description, type.description, kind.description, cause.description, order.description,
    ]

    /// - Throws: ``APIError`` 422.
    static func filter(in request: Request) throws(APIError) -> ParkedFilter {
        var filter = ParkedFilter()
        filter.consumer = try consumer.value(in: request).map { ServiceID($0) }
        filter.type = try type.value(in: request).map { EventType($0) }
        filter.kind = try kind.value(in: request)
        filter.cause = try cause.value(in: request)
        filter.subject = try order.value(in: request)?.uuid
        return filter
    }
}

/// The body of an intervention that needs to say no more than why.
enum InterventionReason {
    static let reason = Field.text("reason", maximum: 500)
    static let schema = BodySchema("InterventionReason", [reason.property])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> String {
        var fields = FieldReader(body, as: schema)
        let reason = fields.read(reason)
        try fields.finish()
        guard let reason else { throw .invalid([]) }
        return reason
    }
}

/// Which dead letters an operation is about, and why: those to which everything fits that is given; nothing would be everything.
enum DeadLetterSelection {
    private static let consumer = Field.text("consumer", maximum: 100).optional
    private static let type = Field.text("type", maximum: 100).optional
    private static let kind = Field<ParkedMessage.Kind>.choice("kind").optional
    private static let cause = Field.text("cause", maximum: 2000, isMultiline: true).optional
    private static let order = Field<OrderID>.id("orderId").optional

    private static let given = [consumer.property, type.property, kind.property, cause.property, order.property]

    static let schema = BodySchema(
        "DeadLetterSelection",
        rules: [
            "anyOf": .array(
                given.map { property in
                    [
                        "required": [.string(property.name)],
                        "properties": .object([property.name: ["type": "string"]]),
                    ]
                })
        ], [InterventionReason.reason.property] + given)

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> (filter: ParkedFilter, reason: String) {
        var fields = FieldReader(body, as: schema)
        let reason = fields.read(InterventionReason.reason)
        var filter = ParkedFilter()
        filter.consumer = fields.read(consumer).map { ServiceID($0) }
        filter.type = fields.read(type).map { EventType($0) }
        filter.kind = fields.read(kind)
        filter.cause = fields.read(cause)
        filter.subject = fields.read(order)?.uuid
        if !fields.hasAny(of: given.map(\.name)) { fields.report("orderId", .required) }
        try fields.finish()
        guard let reason else { throw .invalid([]) }
        return (filter, reason)
    }
}

/// The body of POST /admin/dead-letters/{id}/edit. What it does not have cannot be changed.
enum DeadLetterEditInput {
    private static let data = Field<JSONValue>("data", Schema(["type": "object"])) {
        value throws(Field<JSONValue>.Fault) in
        guard case .object = value else { throw Field<JSONValue>.Fault(code: .object) }
        return value
    }
    private static let version = Field.integer("version", in: 1...1000).optional

    static let schema = BodySchema(
        "DeadLetterEdit", [InterventionReason.reason.property, data.property, version.property])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws -> (edit: DeadLetterEdit, reason: String) {
        var fields = FieldReader(body, as: schema)
        let reason = fields.read(InterventionReason.reason)
        let data = fields.read(data)
        let version = fields.read(version)
        try fields.finish()
        guard let reason, let data else { throw APIError.invalid([]) }
        return (DeadLetterEdit(data: try JSONText.encode(data), version: version.map { Int($0) }), reason)
    }
}
