import Orders
import PurchaseContracts

/// The body of POST /orders, in its documented or its short form.
enum OrderInput {
    static let lineCount = 1...50
    static let quantities: ClosedRange<Int64> = 1...1_000_000
    /// Characters.
    private static let couponCodeLength = 64

    static let userID = Field<UserID>.id("userId")
    static let itemID = Field<ItemID>.id("itemId")
    static let quantity = Field.integer("quantity", in: quantities)
    static let couponCode = Field.text("couponCode", maximum: couponCodeLength).optional
    static let userCouponID = Field<UserCouponID>.id("userCouponId").optional
    static let lines = ObjectsField(
        name: "items", count: lineCount,
        element: BodySchema("OrderLineInput", others: .ignored, [itemID.property, quantity.property]))

    /// Either `items`, or the short form of one item and its quantity; at most one coupon.
    static let schema = BodySchema(
        "OrderInput", others: .ignored,
        rules: [
            "required": ["userId"],
            "oneOf": [
                [
                    "required": ["items"],
                    "properties": [
                        "items": ["type": "array"], "itemId": ["type": "null"], "quantity": ["type": "null"],
                    ],
                ],
                [
                    "required": ["itemId", "quantity"],
                    "properties": [
                        "items": ["type": "null"], "itemId": ["type": "string"], "quantity": ["type": "integer"],
                    ],
                ],
            ],
            "not": [
                "required": ["couponCode", "userCouponId"],
                "properties": ["couponCode": ["type": "string"], "userCouponId": ["type": "string"]],
            ],
        ],
        [
            userID.property, .optional(lines.name, lines.property.schema.orNull), itemID.optional.property,
            quantity.optional.property, couponCode.property, userCouponID.property,
        ])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> OrderRequest {
        var fields = FieldReader(body, as: schema)
        let userID = fields.read(userID)
        let lines = fields.has("items") ? documented(&fields) : short(&fields)
        let coupon = coupon(&fields)
        try fields.finish()
        guard let userID, let lines else { throw .invalid([]) }
        return OrderRequest(userID: userID, lines: lines, coupon: coupon)
    }

    private static func documented(_ fields: inout FieldReader) -> [OrderRequest.Line]? {
        // Both forms at once could mean two different orders.
        if fields.has("itemId") { fields.report("itemId", .conflict) }
        if fields.has("quantity") { fields.report("quantity", .conflict) }
        var demand: [ItemID: Int64] = [:]
        return fields.read(lines) { line in
            let itemID = line.read(itemID)
            let quantity = line.read(quantity)
            guard let itemID, let quantity else { return nil }
            // Several lines of one item are one demand, and bounded as one.
            demand[itemID, default: 0] += quantity
            if demand[itemID, default: 0] > quantities.upperBound {
                line.report(
                    "quantity", .range, ["minimum": quantities.lowerBound, "maximum": quantities.upperBound])
                return nil
            }
            return OrderRequest.Line(itemID: itemID, quantity: quantity)
        }
    }

    private static func short(_ fields: inout FieldReader) -> [OrderRequest.Line]? {
        guard fields.has("itemId") || fields.has("quantity") else {
            fields.report("items", .required)
            return nil
        }
        let itemID = fields.read(itemID)
        let quantity = fields.read(quantity)
        guard let itemID, let quantity else { return nil }
        return [OrderRequest.Line(itemID: itemID, quantity: quantity)]
    }

    private static func coupon(_ fields: inout FieldReader) -> CouponChoice? {
        let code = fields.read(couponCode)
        let owned = fields.read(userCouponID)
        if fields.has("couponCode"), fields.has("userCouponId") { fields.report("userCouponId", .conflict) }
        return owned.map { .owned($0) } ?? code.map { .code($0) }
    }
}
