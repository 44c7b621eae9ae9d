import Coupons
import PurchaseContracts
import SagaChoreography

/// A user's copy of a coupon.
struct UserCouponBody: Described {
    static let schema = Schema.object(
        "UserCoupon",
        [
            .required("id", .id), .required("couponId", .id), .required("status", .choice(UserCouponStatus.self)),
            .required("issuedAt", .time), .optional("validFrom", .time), .required("expiresAt", .time),
            .required("expiringSoon", .bool), .optional("orderId", .id), .required("currency", .currency),
            .required("coupon", CouponTermsBody.schema),
        ])

    let id: String
    let couponId: String
    let status: String
    let issuedAt: String
    let validFrom: String?
    let expiresAt: String
    /// It can be used, but for three days at most.
    let expiringSoon: Bool
    /// The order that holds or used it.
    let orderId: String?
    let currency: String
    let coupon: CouponTermsBody

    init(_ copy: UserCoupon, of coupon: Coupon, at now: Timestamp, in currency: Currency) {
        id = copy.id.description
        couponId = copy.couponID.description
        status = copy.status(at: now).rawValue
        issuedAt = copy.issuedAt.description
        validFrom = copy.period.from?.description
        expiresAt = copy.period.until.description
        expiringSoon = copy.expiresSoon(at: now)
        orderId = copy.orderID?.description
        self.currency = currency.code
        self.coupon = CouponTermsBody(coupon)
    }
}

/// The answer to GET /coupons/my-coupons.
struct UserCouponListBody: Described {
    static let schema = Schema.object(
        "UserCouponList", [.required("coupons", .array(of: UserCouponBody.schema)), .optional("next", .string)])

    let coupons: [UserCouponBody]
    /// The cursor of the next page; missing on the last.
    let next: String?
}

/// What a coupon would do for a would-be order.
struct CouponQuoteBody: Described {
    static let schema = Schema.object(
        "CouponQuote",
        [
            .required("couponId", .id), .optional("userCouponId", .id), .required("applicable", .bool),
            .optional("code", .string), .optional("message", .string), .required("totalAmount", .amount),
            .required("discountAmount", .amount), .required("finalAmount", .amount),
            .required("currency", .currency), .optional("expiresAt", .time),
            .required("coupon", CouponTermsBody.schema),
        ])

    let couponId: String
    /// Missing if the user would claim it first, by its code.
    let userCouponId: String?
    let applicable: Bool
    /// Why not.
    let code: String?
    let message: String?
    let totalAmount: Int64
    let discountAmount: Int64
    let finalAmount: Int64
    let currency: String
    let expiresAt: String?
    let coupon: CouponTermsBody

    init(_ quote: CouponQuote, on order: WouldBeOrder, in currency: Currency, _ language: Language) {
        couponId = quote.coupon.id.description
        userCouponId = quote.copy?.id.description
        applicable = quote.refusal == nil
        code = quote.refusal?.code.rawValue
        message = quote.refusal.map {
            Catalogue.wording(of: $0.code.rawValue, in: language).detail($0.parameters)
        }
        totalAmount = order.total.minorUnits
        discountAmount = quote.discount.minorUnits
        // At most the total, so never below zero.
        finalAmount = order.total.minorUnits - quote.discount.minorUnits
        self.currency = currency.code
        expiresAt = quote.copy?.period.until.description
        coupon = CouponTermsBody(quote.coupon)
    }
}

/// The answer to POST /coupons/applicable.
struct ApplicableCouponsBody: Described {
    static let schema = Schema.object(
        "ApplicableCoupons",
        [
            .required("totalAmount", .amount), .required("currency", .currency),
            .required("coupons", .array(of: CouponQuoteBody.schema)),
        ])

    let totalAmount: Int64
    let currency: String
    /// Best first.
    let coupons: [CouponQuoteBody]
}

/// The answer to GET /coupons/history.
struct CouponHistoryBody: Described {
    static let schema = Schema.object(
        "CouponHistory", [.required("uses", .array(of: Use.schema)), .optional("next", .string)])

    struct Use: Described {
        static let schema = Schema.object(
            "CouponUse",
            [
                .required("orderId", .id), .required("userCouponId", .id), .required("couponId", .id),
                .optional("code", .string), .required("originalAmount", .amount),
                .required("discountAmount", .amount), .required("finalAmount", .amount),
                .required("currency", .currency), .required("usedAt", .time),
            ])

        let orderId: String
        let userCouponId: String
        let couponId: String
        let code: String?
        let originalAmount: Int64
        let discountAmount: Int64
        let finalAmount: Int64
        let currency: String
        let usedAt: String

        init(_ use: CouponUse, in currency: Currency) {
            orderId = use.orderID.description
            userCouponId = use.userCouponID.description
            couponId = use.coupon.id.description
            code = use.coupon.rule.code
            originalAmount = use.original.minorUnits
            discountAmount = use.discount.minorUnits
            finalAmount = use.final.minorUnits
            self.currency = currency.code
            usedAt = use.usedAt.description
        }
    }

    let uses: [Use]
    /// The cursor of the next page; missing on the last.
    let next: String?
}
