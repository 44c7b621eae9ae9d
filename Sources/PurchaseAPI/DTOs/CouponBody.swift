import Coupons
import FoundationEssentials
import PurchaseContracts
import SagaChoreography

/// What a coupon promises, as everyone may know it.
struct CouponTermsBody: Encodable {
    let couponId: String
    /// Lower case.
    let code: String?
    let discountType: String
    /// Percent with up to two decimals, or minor units.
    let discountValue: Decimal
    let maxDiscountAmount: Int64?
    let minOrderAmount: Int64
    let applicableType: String
    let applicableTargetIds: [String]
    let isActive: Bool

    init(_ coupon: Coupon) {
        couponId = coupon.id.description
        code = coupon.rule.code
        switch coupon.rule.discount {
        case .percentage(let basisPoints, let cap):
            discountType = CouponFields.DiscountType.percentage.rawValue
            discountValue = Decimal(basisPoints) / 100
            maxDiscountAmount = cap?.minorUnits
        case .fixed(let value):
            discountType = CouponFields.DiscountType.fixed.rawValue
            discountValue = Decimal(value.minorUnits)
            maxDiscountAmount = nil
        }
        minOrderAmount = coupon.rule.minOrderAmount.minorUnits
        switch coupon.rule.scope {
        case .all: (applicableType, applicableTargetIds) = ("ALL", [])
        case .categories(let ids): (applicableType, applicableTargetIds) = ("CATEGORY", ids.sorted().map(\.description))
        case .items(let ids): (applicableType, applicableTargetIds) = ("ITEM", ids.sorted().map(\.description))
        }
        isActive = coupon.isActive
    }
}

extension CouponTermsBody: Described {
    static let properties: [Schema.Property] = [
        .required("couponId", .id), .optional("code", .string),
        .required("discountType", .choice(CouponFields.DiscountType.self)), .required("discountValue", .number),
        .optional("maxDiscountAmount", .amount), .required("minOrderAmount", .amount),
        .required("applicableType", .choice(CouponFields.ApplicableType.self)),
        .required("applicableTargetIds", .array(of: .id)), .required("isActive", .bool),
    ]
    static let schema = Schema.object("CouponTerms", properties)
}

/// A coupon as an admin sees it.
struct CouponBody: Encodable {
    let id: String
    let terms: CouponTermsBody
    let currency: String
    let totalQuantity: Int64
    let issuedQuantity: Int64
    let remainingQuantity: Int64
    let validityType: String
    let validityDays: Int64?
    let validFrom: String?
    let validUntil: String?
    let createdBy: String
    let createdAt: String
    let updatedAt: String

    init(_ coupon: Coupon, in currency: Currency) {
        id = coupon.id.description
        terms = CouponTermsBody(coupon)
        self.currency = currency.code
        totalQuantity = coupon.rule.totalQuantity
        issuedQuantity = coupon.issued
        remainingQuantity = coupon.remaining
        switch coupon.rule.validity {
        case .relative(let days):
            (validityType, validityDays, validFrom, validUntil) = ("RELATIVE", days, nil, nil)
        case .absolute(let from, let until):
            (validityType, validityDays, validFrom, validUntil) = ("ABSOLUTE", nil, from.description, until.description)
        }
        createdBy = coupon.createdBy.description
        createdAt = coupon.createdAt.description
        updatedAt = coupon.updatedAt.description
    }

    private enum CodingKeys: String, CodingKey {
        case id, currency, totalQuantity, issuedQuantity, remainingQuantity, validityType, validityDays, validFrom
        case validUntil, createdBy, createdAt, updatedAt
    }

    /// The terms stand beside the rest, as they do in what creates a coupon.
    func encode(to encoder: any Encoder) throws {
        try terms.encode(to: encoder)
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(id, forKey: .id)
        try members.encode(currency, forKey: .currency)
        try members.encode(totalQuantity, forKey: .totalQuantity)
        try members.encode(issuedQuantity, forKey: .issuedQuantity)
        try members.encode(remainingQuantity, forKey: .remainingQuantity)
        try members.encode(validityType, forKey: .validityType)
        try members.encodeIfPresent(validityDays, forKey: .validityDays)
        try members.encodeIfPresent(validFrom, forKey: .validFrom)
        try members.encodeIfPresent(validUntil, forKey: .validUntil)
        try members.encode(createdBy, forKey: .createdBy)
        try members.encode(createdAt, forKey: .createdAt)
        try members.encode(updatedAt, forKey: .updatedAt)
    }
}

extension CouponBody: Described {
    static let schema = Schema.object(
        "Coupon",
        CouponTermsBody.properties + [
            .required("id", .id), .required("currency", .currency), .required("totalQuantity", .count),
            .required("issuedQuantity", .count), .required("remainingQuantity", .count),
            .required("validityType", .choice(CouponFields.ValidityType.self)), .optional("validityDays", .count),
            .optional("validFrom", .time), .optional("validUntil", .time), .required("createdBy", .id),
            .required("createdAt", .time), .required("updatedAt", .time),
        ])
}

/// The answer to GET /admin/coupons.
struct CouponListBody: Described {
    static let schema = Schema.object(
        "CouponList", [.required("coupons", .array(of: CouponBody.schema)), .optional("next", .string)])

    let coupons: [CouponBody]
    /// The cursor of the next page; missing on the last.
    let next: String?
}
