import Foundation
import Notifications
import PurchaseContracts

/// What a webhook says of a message. It names the user by id: where he is reached is known to whoever gets it.
struct WebhookPayload: Encodable, Sendable {
    let id: String
    let type: String
    let createdAt: String
    /// What it is about, if it is an order.
    let orderId: String?
    let userId: String
    let language: String
    /// One line.
    let subject: String
    let text: String
    /// One line that says it all, for an SMS.
    let short: String
    let amount: Int64?
    let currency: String?
    /// The refusal's code, if the order was undone.
    let reason: String?
    /// What it is about, if it is a coupon.
    let couponId: String?
    let couponCode: String?
    let expiresAt: String?

    init(_ message: NotificationMessage, _ wording: NotificationText) {
        let letter = wording.letter(for: message)
        id = message.id.uuidString.lowercased()
        type = message.template.rawValue
        createdAt = message.createdAt.description
        orderId = message.orderID?.description
        userId = message.userID.description
        language = wording.language.rawValue
        subject = letter.subject
        text = letter.body
        short = wording.line(for: message)
        let order: NotificationParameters? = if case .order(let order) = message.content { order } else { nil }
        amount = order?.amount.minorUnits
        currency = order?.currency.code
        reason = order?.reason?.rawValue
        let coupon: CouponNotice? = if case .coupon(let notice) = message.content { notice } else { nil }
        couponId = coupon?.couponID.description
        couponCode = coupon?.code
        expiresAt = coupon?.expiresAt.description
    }

    /// The bytes that are signed and sent.
    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
