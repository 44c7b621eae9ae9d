import Orders
import PurchaseContracts

/// The body of POST /orders, in its documented or its short form.
enum OrderInput {
    static let lineCount = 1...50
    static let quantity: ClosedRange<Int64> = 1...1_000_000
    /// Characters.
    private static let couponCodeLength = 64

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> OrderRequest {
        var fields = FieldReader(body)
        let userID = fields.id("userId", as: UserID.self)
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
        return fields.objects("items", count: lineCount) { line in
            let itemID = line.id("itemId", as: ItemID.self)
            let quantity = line.integer("quantity", in: quantity)
            guard let itemID, let quantity else { return nil }
            // Several lines of one item are one demand, and bounded as one.
            demand[itemID, default: 0] += quantity
            if demand[itemID, default: 0] > Self.quantity.upperBound {
                line.report(
                    "quantity", .range, ["minimum": Self.quantity.lowerBound, "maximum": Self.quantity.upperBound])
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
        let itemID = fields.id("itemId", as: ItemID.self)
        let quantity = fields.integer("quantity", in: quantity)
        guard let itemID, let quantity else { return nil }
        return [OrderRequest.Line(itemID: itemID, quantity: quantity)]
    }

    private static func coupon(_ fields: inout FieldReader) -> CouponChoice? {
        let code = fields.optionalText("couponCode", maximum: couponCodeLength)
        let owned = fields.optionalID("userCouponId", as: UserCouponID.self)
        if fields.has("couponCode"), fields.has("userCouponId") { fields.report("userCouponId", .conflict) }
        return owned.map { .owned($0) } ?? code.map { .code($0) }
    }
}
