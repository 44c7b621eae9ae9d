import Coupons
import Items
import Orders
import PurchaseContracts
import SQLCore

/// The lines of an order that a user thinks about.
enum WouldBeOrderInput {
    static let lines = ObjectsField(
        name: "items", count: OrderInput.lineCount,
        element: BodySchema("WouldBeOrderLine", [OrderInput.itemID.property, OrderInput.quantity.property]))

    /// The body of POST /coupons/applicable.
    static let schema = BodySchema("WouldBeOrder", [lines.property])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> [OrderRequest.Line] {
        var fields = FieldReader(body, as: schema)
        let lines = read(&fields)
        try fields.finish()
        guard let lines else { throw .invalid([]) }
        return lines
    }

    /// One line an item, in the order in which the items were first named.
    static func read(_ fields: inout FieldReader) -> [OrderRequest.Line]? {
        var places: [ItemID: Int] = [:]
        var demand: [OrderRequest.Line] = []
        let read: [OrderRequest.Line]? = fields.read(lines) { line in
            let itemID = line.read(OrderInput.itemID)
            let quantity = line.read(OrderInput.quantity)
            guard let itemID, let quantity else { return nil }
            let place = places[itemID] ?? demand.count
            if place == demand.count { demand.append(OrderRequest.Line(itemID: itemID, quantity: 0)) }
            places[itemID] = place
            demand[place].quantity += quantity
            guard demand[place].quantity <= OrderInput.quantities.upperBound else {
                line.report(
                    "quantity", .range,
                    ["minimum": OrderInput.quantities.lowerBound, "maximum": OrderInput.quantities.upperBound])
                return nil
            }
            return demand[place]
        }
        return read == nil ? nil : demand
    }
}

/// The body of POST /coupons/preview.
enum CouponPreviewInput {
    static let schema = BodySchema(
        "CouponPreview",
        rules: [
            "oneOf": [
                [
                    "required": ["couponCode"],
                    "properties": ["couponCode": ["type": "string"], "userCouponId": ["type": "null"]],
                ],
                [
                    "required": ["userCouponId"],
                    "properties": ["userCouponId": ["type": "string"], "couponCode": ["type": "null"]],
                ],
            ]
        ],
        [WouldBeOrderInput.lines.property, OrderInput.couponCode.property, OrderInput.userCouponID.property])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> (choice: CouponChoice, lines: [OrderRequest.Line]) {
        var fields = FieldReader(body, as: schema)
        let lines = WouldBeOrderInput.read(&fields)
        let code = fields.read(OrderInput.couponCode)
        let owned = fields.read(OrderInput.userCouponID)
        if fields.has("couponCode"), fields.has("userCouponId") { fields.report("userCouponId", .conflict) }
        if !fields.has("couponCode"), !fields.has("userCouponId") { fields.report("couponCode", .required) }
        try fields.finish()
        guard let lines, let choice = owned.map({ CouponChoice.owned($0) }) ?? code.map({ .code($0) }) else {
            throw .invalid([])
        }
        return (choice, lines)
    }
}

/// The body of POST /coupons/claim.
enum CouponClaimInput {
    /// A code that no coupon can have is unknown, not malformed: it is what a person typed.
    static let code = Field.text("code", maximum: 64)
    static let schema = BodySchema("CouponClaim", [code.property])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> String {
        var fields = FieldReader(body, as: schema)
        let code = fields.read(code)
        try fields.finish()
        guard let code else { throw .invalid([]) }
        return code
    }
}

extension WouldBeOrder {
    /// The lines at the prices and categories of now, as POST /orders would take them.
    ///
    /// - Throws: ``APIError`` 404 for an unknown item, 409 for one off sale, 422 if the sum is too large.
    init(_ lines: [OrderRequest.Line], in transaction: any SQLTransaction) throws {
        let items = ItemQueries(transaction)
        let priced = try lines.map { line in
            guard let item = try items.item(line.itemID) else { throw APIError(.notFound, ProblemCode(.itemNotFound)) }
            guard item.isOnSale else { throw APIError(.conflict, ProblemCode(.itemOffSale)) }
            return OrderLine(
                itemID: item.id, name: item.name, categoryID: item.categoryID, unitPrice: item.price,
                quantity: line.quantity)
        }
        do throws(MoneyOverflow) {
            try self.init(lines: priced)
        } catch {
            throw APIError(.unprocessableContent, .amountTooLarge)
        }
    }
}
