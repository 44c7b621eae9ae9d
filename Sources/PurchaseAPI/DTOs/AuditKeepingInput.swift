import Audit
import FoundationEssentials
import PurchaseContracts
import SagaChoreography

/// The body of what changes what is kept of the audit trail, and needs to say no more than why.
enum AuditReason {
    static let reason = Field.text("reason", maximum: 500)
    static let schema = BodySchema("AuditReason", [reason.property])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> String {
        var fields = FieldReader(body, as: schema)
        let reason = fields.read(reason)
        try fields.finish()
        guard let reason else { throw .invalid([]) }
        return reason
    }
}

/// The body of POST /admin/audit/holds: why, and what is held. All that is given has to fit an entry; nothing would be everything.
enum NewAuditHold {
    static let user = Field<UserID>.id("userId").optional
    static let order = Field<OrderID>.id("orderId").optional
    static let resource = Field.text("resource", maximum: 100).optional
    static let resourceID = Field.text("resourceId", maximum: 255).optional
    static let action = Field.text("action", maximum: 100).optional
    static let from = Field.time("from").optional
    static let until = Field.time("until").optional

    private static let covered = [
        user.property, order.property, resource.property, resourceID.property, action.property, from.property,
        until.property,
    ]

    static let schema = BodySchema(
        "NewAuditHold",
        rules: [
            "anyOf": .array(
                covered.map { property in
                    [
                        "required": [.string(property.name)],
                        "properties": .object([property.name: ["type": "string"]]),
                    ]
                })
        ], [AuditReason.reason.property] + covered)

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> (filter: AuditFilter, reason: String) {
        var fields = FieldReader(body, as: schema)
        let reason = fields.read(AuditReason.reason)
        var filter = AuditFilter()
        filter.actor = fields.read(user)?.uuid
        filter.correlationID = fields.read(order)?.uuid
        filter.resource = fields.read(resource)
        filter.resourceID = fields.read(resourceID)
        filter.action = fields.read(action)
        filter.from = fields.read(from)
        filter.until = fields.read(until)
        if let from = filter.from, let until = filter.until, until <= from { fields.report("until", .invalid) }
        if !fields.hasAny(of: covered.map(\.name)) { fields.report("userId", .required) }
        try fields.finish()
        guard let reason else { throw .invalid([]) }
        return (filter, reason)
    }
}
