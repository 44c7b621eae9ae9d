import PurchaseContracts
import Users

/// The body of PATCH /admin/users/{id}.
enum UserChange {
    static let isActive = Field.bool("isActive").optional
    static let roles = Field<[Role]>.choices("roles", count: 0...Role.allCases.count).optional
    static let slotCapacity = Field.integer("slotCapacity", in: 0...1_000_000).optional

    static let schema = BodySchema(
        "UserChange", [isActive.property, roles.property, slotCapacity.property])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> ChangeUser.Change {
        var fields = FieldReader(body, as: schema)
        let change = ChangeUser.Change(
            isActive: fields.read(isActive), roles: fields.read(roles).map { Set($0) },
            slotCapacity: fields.read(slotCapacity))
        try fields.finish()
        return change
    }
}

/// The body of POST /admin/users/{id}/deposit.
enum NewDeposit {
    static let amount = Field.integer("amount", in: 1...Balance.limit.minorUnits)
    static let reason = Field.text("reason", maximum: 200)

    static let schema = BodySchema("NewDeposit", [amount.property, reason.property])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> (amount: Money, reason: String) {
        var fields = FieldReader(body, as: schema)
        let amount = fields.read(amount)
        let reason = fields.read(reason)
        try fields.finish()
        guard let amount, let reason else { throw .invalid([]) }
        return (Money(amount), reason)
    }
}
