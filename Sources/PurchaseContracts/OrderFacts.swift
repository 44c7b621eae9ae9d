import FoundationEssentials
import SagaChoreography
import Synchronization

/// What every event of an order carries, so that no service ever has to ask another.
public struct OrderFacts: Sendable, Codable, Hashable {
    public var id: OrderID { didSet { json = WrittenOnce() } }
    public var userID: UserID { didSet { json = WrittenOnce() } }
    /// One line an item: several request lines of one item were added up.
    public var lines: [OrderLine] { didSet { json = WrittenOnce() } }
    /// Sum of the lines.
    public var total: Money { didSet { json = WrittenOnce() } }
    public var discount: Money { didSet { json = WrittenOnce() } }
    /// What the wallet is charged: total − discount.
    public var final: Money { didSet { json = WrittenOnce() } }
    public var currency: Currency { didSet { json = WrittenOnce() } }
    /// The coupon asked for, if any. Set from the start, so that every failure knows that a coupon must be released.
    public var coupon: CouponChoice? { didSet { json = WrittenOnce() } }
    public var orderedAt: Timestamp { didSet { json = WrittenOnce() } }
    /// After this time Orders asks for the order to be undone.
    public var deadline: Timestamp { didSet { json = WrittenOnce() } }
    /// Who ordered: the subject of the token (the user, or an admin on his behalf).
    public var actor: UserID { didSet { json = WrittenOnce() } }
    /// The facts as JSON: a dozen events carry them on, each in its own data.
    private var json = WrittenOnce()

    public init(
        id: OrderID, userID: UserID, lines: [OrderLine], total: Money, discount: Money, final: Money,
        currency: Currency,
        coupon: CouponChoice?, orderedAt: Timestamp, deadline: Timestamp, actor: UserID
    ) {
        self.id = id
        self.userID = userID
        self.lines = lines
        self.total = total
        self.discount = discount
        self.final = final
        self.currency = currency
        self.coupon = coupon
        self.orderedAt = orderedAt
        self.deadline = deadline
        self.actor = actor
    }
}

extension OrderFacts {
    /// All but ``json``, which says nothing of its own.
    private enum CodingKeys: CodingKey {
        case id, userID, lines, total, discount, final, currency, coupon, orderedAt, deadline, actor
    }

    /// The facts' JSON, written once for all copies of these facts.
    func written(_ write: (inout JSONWriter) -> Void) -> [UInt8] { json.bytes(write) }
}

/// A text that is written when it is first wanted. No part of what a value says: two values are equal with it or without.
private final class WrittenOnce: Sendable, Hashable {
    private let text = Mutex<[UInt8]?>(nil)

    func bytes(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        text.withLock { text in
            if let text { return text }
            var writer = JSONWriter()
            write(&writer)
            text = writer.bytes
            return writer.bytes
        }
    }

    static func == (a: WrittenOnce, b: WrittenOnce) -> Bool { true }
    func hash(into hasher: inout Hasher) {}
}

/// One item of an order, with the name, category and price at order time.
public struct OrderLine: Sendable, Codable, Hashable {
    public var itemID: ItemID
    public var name: String
    public var categoryID: CategoryID?
    public var unitPrice: Money
    public var quantity: Int64

    public init(itemID: ItemID, name: String, categoryID: CategoryID?, unitPrice: Money, quantity: Int64) {
        self.itemID = itemID
        self.name = name
        self.categoryID = categoryID
        self.unitPrice = unitPrice
        self.quantity = quantity
    }
}

/// The coupon a customer asked for: one of his, or a code to claim first.
public enum CouponChoice: Sendable, Codable, Hashable {
    case owned(UserCouponID)
    case code(String)
}

/// Why an order ends undone. The first cause that Orders records is the order's.
public enum Cause: String, Sendable, Codable, Hashable, CaseIterable {
    case user, admin, deadline
    /// The gateway said no.
    case declined
    /// A service refused for a business reason; the code says which.
    case refused
}

/// Stable slugs of business refusals, as clients see them in `code`.
public enum RefusalCode: String, Sendable, Codable, Hashable, CaseIterable {
    case orderCancelled = "orders.cancelled"
    case orderDeadline = "orders.deadline-passed"
    case userNotFound = "users.not-found"
    case userInactive = "users.inactive"
    case insufficientBalance = "users.insufficient-balance"
    case slotsFull = "inventory.slots-full"
    case inventoryOverflow = "inventory.quantity-overflow"
    case goodsGone = "inventory.goods-gone"
    case itemNotFound = "items.not-found"
    case itemOffSale = "items.off-sale"
    case insufficientStock = "items.insufficient-stock"
    case reservationCancelled = "items.reservation-cancelled"
    case paymentDeclined = "payments.declined"
    case refundRefused = "payments.refund-refused"
    case couponNotFound = "coupons.not-found"
    case couponInactive = "coupons.inactive"
    case couponNotYetValid = "coupons.not-yet-valid"
    case couponExpired = "coupons.expired"
    case couponOutOfStock = "coupons.out-of-stock"
    case couponAlreadyUsed = "coupons.already-used"
    case couponAlreadyHeld = "coupons.already-held"
    case couponMinOrderAmount = "coupons.min-order-amount"
    case couponNoApplicableItems = "coupons.no-applicable-items"
    case couponNoDiscount = "coupons.no-discount"
    case couponAlreadyClaimed = "coupons.already-claimed"
}

/// A refusal with the numbers that explain it (requested, available, …); never personal data.
public struct Refusal: Sendable, Codable, Hashable {
    public var code: RefusalCode
    public var parameters: [String: Int64]

    public init(_ code: RefusalCode, _ parameters: [String: Int64] = [:]) {
        self.code = code
        self.parameters = parameters
    }
}
