/// Rules between the members of a coupon, as JSON Schema keywords: what ``CouponFields`` refuses, for clients.
enum CouponRules {
    static let together: [String: JSONValue] = ["allOf": .array([ofDiscount, ofScope, ofValidity])]

    private static let ofDiscount: JSONValue = [
        "if": ["properties": ["discountType": ["const": "PERCENTAGE"]]],
        "then": ["properties": ["discountValue": ["maximum": .number("100")]]],
        "else": [
            "properties": ["discountValue": ["multipleOf": .number("1")], "maxDiscountAmount": ["type": "null"]]
        ],
    ]

    static let ofScope: JSONValue = [
        "if": ["properties": ["applicableType": ["enum": ["CATEGORY", "ITEM"]]], "required": ["applicableType"]],
        "then": [
            "properties": ["applicableTargetIds": ["type": "array", "minItems": .number("1")]],
            "required": ["applicableTargetIds"],
        ],
        "else": ["properties": ["applicableTargetIds": ["type": ["array", "null"], "maxItems": .number("0")]]],
    ]

    static let ofValidity: JSONValue = [
        "if": ["properties": ["validityType": ["const": "ABSOLUTE"]], "required": ["validityType"]],
        "then": [
            "properties": [
                "validFrom": ["type": "string"], "validUntil": ["type": "string"], "validityDays": ["type": "null"],
            ],
            "required": ["validFrom", "validUntil"],
        ],
        "else": ["properties": ["validFrom": ["type": "null"], "validUntil": ["type": "null"]]],
    ]
}
