@testable import PurchaseAPI

extension Sample {
    private static func coupon(
        _ path: @escaping @Sendable (Shop) -> String, needs: Needs = .coupon,
        body: @escaping @Sendable (Shop) -> String? = { _ in nil }
    ) -> Sample {
        Sample(path: path, body: body, needs: needs)
    }

    private static let basket: @Sendable (Shop) -> String = { #""items":[{"itemId":"\#($0.items[0])","quantity":1}]"# }

    /// The paths of coupons.
    static let coupons: [String: Sample] = couponsOfUser.merging(couponsOfAdmin) { _, new in new }

    private static let couponsOfUser: [String: Sample] = [
        "POST /coupons/{id}/claim": coupon { "/coupons/\($0.coupon)/claim" },
        "POST /coupons/claim": coupon({ _ in "/coupons/claim" }, body: { _ in #"{"code":"ten"}"# }),
        "GET /coupons/my-coupons": coupon { _ in "/coupons/my-coupons" },
        "POST /coupons/applicable": coupon({ _ in "/coupons/applicable" }, body: { "{\(basket($0))}" }),
        "POST /coupons/preview": coupon({ _ in "/coupons/preview" }, body: { #"{\#(basket($0)),"couponCode":"TEN"}"# }),
        "GET /coupons/history": coupon { _ in "/coupons/history" },
    ]

    private static let couponsOfAdmin: [String: Sample] = [
        "POST /admin/coupons": coupon(
            { _ in "/admin/coupons" },
            body: { _ in #"{"discountType":"FIXED_AMOUNT","discountValue":5,"totalQuantity":1}"# }),
        "GET /admin/coupons": coupon { _ in "/admin/coupons" },
        "GET /admin/coupons/statistics": coupon { _ in "/admin/coupons/statistics" },
        "GET /admin/coupons/{id}": coupon { "/admin/coupons/\($0.coupon)" },
        "PATCH /admin/coupons/{id}": coupon({ "/admin/coupons/\($0.coupon)" }, body: { _ in #"{"isActive":false}"# }),
        "DELETE /admin/coupons/{id}": coupon { "/admin/coupons/\($0.coupon)" },
        "GET /admin/coupons/{id}/statistics": coupon { "/admin/coupons/\($0.coupon)/statistics" },
        "POST /admin/coupons/{id}/issue": coupon(
            { "/admin/coupons/\($0.coupon)/issue" }, body: { #"{"userIds":["\#($0.user)"]}"# }),
        "GET /admin/coupons/{id}/issue-jobs/{jobId}": coupon(
            { "/admin/coupons/\($0.coupon)/issue-jobs/\($0.issueJob)" }, needs: .issueJob),
    ]
}
