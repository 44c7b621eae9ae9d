import Coupons
import PurchaseContracts

/// How copies fare, as a part of what is answered.
struct CouponFiguresBody: Described {
    static let schema = Schema.object(
        "CouponFigures",
        [
            .required("issued", .count), .required("active", .count), .required("held", .count),
            .required("used", .count), .required("expired", .count), .required("discountGiven", .amount),
        ])

    /// The sum of the next four.
    let issued: Int64
    /// Copies that can be used.
    let active: Int64
    let held: Int64
    let used: Int64
    let expired: Int64
    /// In minor units.
    let discountGiven: Int64

    init(_ figures: CouponFigures) {
        issued = figures.issued
        active = figures.active
        held = figures.held
        used = figures.used
        expired = figures.expired
        discountGiven = figures.discountGiven.minorUnits
    }
}

/// What happened to copies on one day (UTC).
struct CouponDayBody: Described {
    static let schema = Schema.object(
        "CouponDay",
        [
            .required("day", Schema(["type": "string", "format": "date"])), .required("issued", .count),
            .required("used", .count), .required("expired", .count), .required("discountGiven", .amount),
        ])

    let day: String
    let issued: Int64
    let used: Int64
    let expired: Int64
    let discountGiven: Int64

    init(_ day: CouponDay) {
        self.day = String(day.day.description.prefix(10))
        issued = day.issued
        used = day.used
        expired = day.expired
        discountGiven = day.discountGiven.minorUnits
    }
}

/// The answer to GET /admin/coupons/{id}/statistics.
struct CouponStatisticsBody: Described {
    static let schema = Schema.object(
        "CouponStatistics",
        [
            .required("couponId", .id), .optional("code", .string), .required("totalQuantity", .count),
            .required("remainingQuantity", .count), .required("currency", .currency),
            .required("figures", CouponFiguresBody.schema), .required("byDay", .array(of: CouponDayBody.schema)),
        ])

    let couponId: String
    let code: String?
    let totalQuantity: Int64
    let remainingQuantity: Int64
    let currency: String
    let figures: CouponFiguresBody
    /// Days on which something happened, oldest first.
    let byDay: [CouponDayBody]

    init(_ statistics: CouponStatistics, of coupon: Coupon, in currency: Currency) {
        couponId = coupon.id.description
        code = coupon.rule.code
        totalQuantity = coupon.rule.totalQuantity
        remainingQuantity = coupon.remaining
        self.currency = currency.code
        figures = CouponFiguresBody(statistics.figures)
        byDay = statistics.days.map(CouponDayBody.init)
    }
}

/// The answer to GET /admin/coupons/statistics.
struct AllCouponsStatisticsBody: Described {
    static let schema = Schema.object(
        "AllCouponsStatistics",
        [
            .required("currency", .currency), .required("figures", CouponFiguresBody.schema),
            .required("byDay", .array(of: CouponDayBody.schema)),
            .required(
                "mostUsed",
                .array(
                    of: .object(
                        "CouponUsage",
                        [
                            .required("couponId", .id), .optional("code", .string), .required("used", .count),
                            .required("discountGiven", .amount),
                        ]))),
        ])

    struct Usage: Encodable {
        let couponId: String
        let code: String?
        let used: Int64
        let discountGiven: Int64
    }

    let currency: String
    let figures: CouponFiguresBody
    /// Days on which something happened, oldest first.
    let byDay: [CouponDayBody]
    /// Used most often first.
    let mostUsed: [Usage]

    init(_ statistics: CouponStatistics, _ mostUsed: [CouponUsage], in currency: Currency) {
        self.currency = currency.code
        figures = CouponFiguresBody(statistics.figures)
        byDay = statistics.days.map(CouponDayBody.init)
        self.mostUsed = mostUsed.map {
            Usage(
                couponId: $0.coupon.id.description, code: $0.coupon.rule.code, used: $0.used,
                discountGiven: $0.discountGiven.minorUnits)
        }
    }
}
