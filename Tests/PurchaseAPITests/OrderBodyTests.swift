import Foundation
import SagaChoreography
import Testing

@testable import PurchaseAPI

@Suite struct `The body of an order` {
    /// Every member there is, so that none can be forgotten by what writes them.
    private static func full() -> OrderBody {
        var body = OrderBody(
            id: "i", userId: "u", status: "PROCESSING",
            items: [.init(itemId: "a", name: "마법검 \"x\"", quantity: 2, unitPrice: 5, amount: 10)], totalAmount: 10,
            discountAmount: 1, finalAmount: 9, currency: "KRW", createdAt: "t",
            links: .init(self: "/orders/i", cancel: "/orders/i/cancel"))
        body.couponCode = "C"
        body.userCouponId = "uc"
        body.updatedAt = "t2"
        body.deadline = "t3"
        body.endedAt = "t4"
        body.outcome = "failed"
        body.undone = .init(done: 1, of: 3)
        body.cancelRequested = "user"
        body.cause = "refused"
        body.code = "items.insufficient-stock"
        body.failure = .init(cause: "refused", code: "c", message: "m", parameters: ["requested": 2, "available": 1])
        body.message = "m"
        body.refund = RefundBody(
            id: "r", orderId: "i", status: "FAILED", openedAt: "t5", closedAt: "t6", reason: "why",
            failure: .init(code: "c", message: "m"), message: "m")
        return body
    }

    private static func bare() -> OrderBody {
        OrderBody(
            id: "i", userId: "u", status: "PENDING", items: [], totalAmount: 0, discountAmount: 0, finalAmount: 0,
            currency: "KRW", createdAt: "t", links: .init(self: "/orders/i", cancel: nil))
    }

    @Test(arguments: [full(), bare()])
    func `writes the same JSON as the general coder`(body: OrderBody) throws {
        var json = JSONWriter()
        body.write(to: &json)
        #expect(
            String(decoding: json.bytes, as: UTF8.self) == String(decoding: try JSONText.encode(body), as: UTF8.self))
    }
}
