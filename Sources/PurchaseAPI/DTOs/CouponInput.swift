import Coupons
import PurchaseContracts
import SagaChoreography

/// The members of a coupon that are read, by themselves and in the groups that make sense only together.
enum CouponFields {
    enum DiscountType: String, CaseIterable {
        case percentage = "PERCENTAGE"
        case fixed = "FIXED_AMOUNT"
    }
    enum ApplicableType: String, CaseIterable {
        case all = "ALL"
        case category = "CATEGORY"
        case item = "ITEM"
    }
    enum ValidityType: String, CaseIterable {
        case relative = "RELATIVE"
        case absolute = "ABSOLUTE"
    }

    /// Amounts that stay exact in every client's numbers.
    private static let amounts: ClosedRange<Int64> = 0...9_007_199_254_740_991

    static let code = Field<String>("code", Schema(["type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"])) {
        value throws(Field<String>.Fault) in
        guard case .string(let text) = value else { throw .init(code: .string) }
        let isPlain = text.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
        }
        guard isPlain, (1...64).contains(text.utf8.count) else { throw .init(code: .invalid) }
        return text
    }
    static let discountType = Field<DiscountType>.choice("discountType")
    /// Percent, or minor units of the currency.
    static let discountValue = Field.hundredths("discountValue", in: 1...amounts.upperBound)
    static let maxDiscountAmount = Field.integer("maxDiscountAmount", in: 1...amounts.upperBound).optional
    static let minOrderAmount = Field.integer("minOrderAmount", in: amounts).optional
    static let applicableType = Field<ApplicableType>.choice("applicableType").optional
    static let applicableTargetIDs = Field<[ItemID]>.ids("applicableTargetIds", count: 0...1000).optional
    static let totalQuantity = Field.integer("totalQuantity", in: 1...1_000_000_000)
    static let validityType = Field<ValidityType>.choice("validityType").optional
    static let validityDays = Field.integer("validityDays", in: 1...3650).optional
    static let validFrom = Field.time("validFrom").optional
    static let validUntil = Field.time("validUntil").optional
    static let isActive = Field.bool("isActive").optional

    static let discountNames = ["discountType", "discountValue", "maxDiscountAmount"]
    static let scopeNames = ["applicableType", "applicableTargetIds"]
    static let validityNames = ["validityType", "validityDays", "validFrom", "validUntil"]
}

extension CouponFields {
    static func discount(_ fields: inout FieldReader) -> Discount? {
        let type = fields.read(discountType)
        let value = fields.read(discountValue)
        let cap = fields.read(maxDiscountAmount)
        guard let type, let value else { return nil }
        switch type {
        case .percentage:
            if value > 10_000 { fields.report("discountValue", .range, ["minimum": 0, "maximum": 100]) }
            return .percentage(basisPoints: value, cap: cap.map { Money($0) })
        case .fixed:
            if value % 100 != 0 { fields.report("discountValue", .integer) }
            if fields.has("maxDiscountAmount") { fields.report("maxDiscountAmount", .conflict) }
            return .fixed(Money(value / 100))
        }
    }

    static func scope(_ fields: inout FieldReader) -> CouponScope? {
        let type = fields.read(applicableType) ?? .all
        let targets = fields.read(applicableTargetIDs) ?? []
        switch type {
        case .all:
            if !targets.isEmpty { fields.report("applicableTargetIds", .conflict) }
            return .all
        case .category, .item:
            if targets.isEmpty {
                if !fields.reports("applicableTargetIds") { fields.report("applicableTargetIds", .required) }
                return nil
            }
            return type == .item ? .items(Set(targets)) : .categories(Set(targets.map { CategoryID($0.uuid) }))
        }
    }

    static func validity(_ fields: inout FieldReader) -> CouponValidity? {
        let type = fields.read(validityType) ?? .relative
        let days = fields.read(validityDays)
        let from = fields.read(validFrom)
        let until = fields.read(validUntil)
        switch type {
        case .relative:
            for name in ["validFrom", "validUntil"] where fields.has(name) { fields.report(name, .conflict) }
            return days.map { .relative(days: $0) } ?? .standard
        case .absolute:
            if fields.has("validityDays") { fields.report("validityDays", .conflict) }
            for name in ["validFrom", "validUntil"] where !fields.has(name) { fields.report(name, .required) }
            guard let from, let until else { return nil }
            if until <= from { fields.report("validUntil", .invalid) }
            return .absolute(from: from, until: until)
        }
    }
}

extension FieldReader {
    /// Whether something is wrong with the member already.
    fileprivate func reports(_ name: String) -> Bool { problems.contains { $0.pointer.hasSuffix("/\(name)") } }

    /// Whether one of the members is there and not null.
    func hasAny(of names: [String]) -> Bool { names.contains { has($0) } }
}

/// The body of POST /admin/coupons.
enum NewCoupon {
    static let schema = BodySchema(
        "NewCoupon", rules: CouponRules.together,
        [
            CouponFields.code.optional.property, CouponFields.discountType.property,
            CouponFields.discountValue.property, CouponFields.maxDiscountAmount.property,
            CouponFields.minOrderAmount.property, CouponFields.applicableType.property,
            CouponFields.applicableTargetIDs.property, CouponFields.totalQuantity.property,
            CouponFields.validityType.property, CouponFields.validityDays.property, CouponFields.validFrom.property,
            CouponFields.validUntil.property, CouponFields.isActive.property,
        ])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue, actor: UserID) throws(APIError) -> CreateCoupon {
        var fields = FieldReader(body, as: schema)
        let code = fields.read(CouponFields.code.optional)
        let discount = CouponFields.discount(&fields)
        let minimum = fields.read(CouponFields.minOrderAmount)
        let scope = CouponFields.scope(&fields)
        let quantity = fields.read(CouponFields.totalQuantity)
        let validity = CouponFields.validity(&fields)
        let isActive = fields.read(CouponFields.isActive)
        try fields.finish()
        guard let discount, let scope, let quantity, let validity else { throw .invalid([]) }
        return CreateCoupon(
            rule: CouponRule(
                code: code, discount: discount, minOrderAmount: Money(minimum ?? 0), scope: scope,
                totalQuantity: quantity, validity: validity),
            isActive: isActive ?? true, actor: actor)
    }
}

/// The body of PATCH /admin/coupons/{id}: members that belong together are changed together.
enum CouponPatch {
    static let schema = BodySchema(
        "CouponPatch",
        rules: [
            "dependentRequired": [
                "discountType": ["discountValue"], "discountValue": ["discountType"],
                "maxDiscountAmount": ["discountType", "discountValue"], "applicableTargetIds": ["applicableType"],
                "validFrom": ["validityType"], "validUntil": ["validityType"],
            ],
            "allOf": .array([CouponRules.ofScope, CouponRules.ofValidity]),
        ],
        [
            CouponFields.code.optional.property, CouponFields.discountType.optional.property,
            CouponFields.discountValue.optional.property, CouponFields.maxDiscountAmount.property,
            CouponFields.minOrderAmount.property, CouponFields.applicableType.property,
            CouponFields.applicableTargetIDs.property, CouponFields.totalQuantity.optional.property,
            CouponFields.validityType.property, CouponFields.validityDays.property, CouponFields.validFrom.property,
            CouponFields.validUntil.property, CouponFields.isActive.property,
        ])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> CouponChange {
        var fields = FieldReader(body, as: schema)
        var change = CouponChange()
        let code = fields.read(CouponFields.code.optional)
        // null takes the code away; elsewhere it is the same as nothing.
        if fields.mentions("code") { change.code = code.map { .text($0) } ?? CouponChange.Code.none }
        if fields.hasAny(of: CouponFields.discountNames) { change.discount = CouponFields.discount(&fields) }
        change.minOrderAmount = fields.read(CouponFields.minOrderAmount).map { Money($0) }
        if fields.hasAny(of: CouponFields.scopeNames) { change.scope = CouponFields.scope(&fields) }
        change.totalQuantity = fields.read(CouponFields.totalQuantity.optional)
        if fields.hasAny(of: CouponFields.validityNames) { change.validity = CouponFields.validity(&fields) }
        change.isActive = fields.read(CouponFields.isActive)
        try fields.finish()
        return change
    }
}
