import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// A rule as the columns of its row.
struct CouponColumns {
    let code: String?
    let discountType: String
    let discountValue: Int64
    let cap: Money?
    let scopeType: String
    let scopeTargets: String
    let validityType: String
    let days: Int64?
    let from: Int64?
    let until: Int64?

    init(_ rule: CouponRule) throws {
        code = rule.code?.lowercased()
        switch rule.discount {
        case .percentage(let basisPoints, let cap):
            (discountType, discountValue, self.cap) = ("PERCENTAGE", basisPoints, cap)
        case .fixed(let value): (discountType, discountValue, cap) = ("FIXED_AMOUNT", value.minorUnits, nil)
        }
        let encoder = JSONEncoder()
        switch rule.scope {
        case .all: (scopeType, scopeTargets) = ("ALL", "[]")
        case .categories(let ids):
            (scopeType, scopeTargets) = ("CATEGORY", String(decoding: try encoder.encode(ids.sorted()), as: UTF8.self))
        case .items(let ids):
            (scopeType, scopeTargets) = ("ITEM", String(decoding: try encoder.encode(ids.sorted()), as: UTF8.self))
        }
        switch rule.validity {
        case .relative(let days): (validityType, self.days, from, until) = ("RELATIVE", days, nil, nil)
        case .absolute(let from, let until):
            (validityType, days, self.from, self.until) = ("ABSOLUTE", nil, from.milliseconds, until.milliseconds)
        }
    }
}

extension CouponRule {
    /// - Throws: ``SQLError`` `.shape`, or `DecodingError`, if the row is not one that ``CouponColumns`` wrote.
    init(row: SQLRow) throws {
        let value = try row.int64("discount_value")
        let discount: Discount =
            switch try row.text("discount_type") {
            case "PERCENTAGE":
                .percentage(basisPoints: value, cap: try row.optionalInt64("max_discount_amount").map(Money.init))
            case "FIXED_AMOUNT": .fixed(Money(value))
            default: throw SQLError(.shape, "coupons_coupons: unknown discount_type")
            }
        let scope: CouponScope =
            switch try row.text("applicable_type") {
            case "ALL": .all
            case "CATEGORY":
                .categories(try JSONDecoder().decode(Set<CategoryID>.self, from: try row.bytes("applicable_targets")))
            case "ITEM": .items(try JSONDecoder().decode(Set<ItemID>.self, from: try row.bytes("applicable_targets")))
            default: throw SQLError(.shape, "coupons_coupons: unknown applicable_type")
            }
        let validity: CouponValidity =
            switch try row.text("validity_type") {
            case "RELATIVE": .relative(days: try row.int64("validity_days"))
            case "ABSOLUTE":
                .absolute(
                    from: Timestamp(milliseconds: try row.int64("valid_from")),
                    until: Timestamp(milliseconds: try row.int64("valid_until")))
            default: throw SQLError(.shape, "coupons_coupons: unknown validity_type")
            }
        self.init(
            code: try row.optionalText("code"), discount: discount,
            minOrderAmount: Money(try row.int64("min_order_amount")), scope: scope,
            totalQuantity: try row.int64("total_quantity"), validity: validity)
    }
}

extension Coupon {
    init(row: SQLRow) throws {
        self.init(
            id: CouponID(try row.uuid("id")), rule: try CouponRule(row: row), issued: try row.int64("issued"),
            isActive: try row.bool("is_active"), createdBy: UserID(try row.uuid("created_by")),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            updatedAt: Timestamp(milliseconds: try row.int64("updated_at")))
    }
}
