import Coupons
import Orders
import PurchaseContracts
import SagaChoreography

/// One order that a demo plays, and how it is announced to end.
public struct DemoScenario: Sendable, Hashable {
    /// Every scenario, in the order in which they are played.
    public enum Name: String, Sendable, Hashable, CaseIterable, Encodable {
        case success
        case couponOrder = "coupon-order"
        case refusedCoupon = "refused-coupon"
        case shortBalance = "short-balance"
        case fullInventory = "full-inventory"
        case shortStock = "short-stock"
        case declinedPayment = "declined-payment"
        case deadline
        case cancellation
    }

    /// What is sold.
    public enum Product: String, Sendable, Hashable, CaseIterable { case lamp, chair }

    /// So many pieces of a product.
    public struct Line: Sendable, Hashable {
        public let product: Product
        public let quantity: Int64
        /// Minor units a piece.
        public let price: Int64
        /// Pieces that there are.
        public let stock: Int64
    }

    /// A coupon of ten per cent that the customer has.
    public struct OfferedCoupon: Sendable, Hashable {
        public let minimum: Int64
    }

    enum GatewayScript: Sendable, Hashable { case captures, declines, losesAnswersUntilDeadline }

    /// How an order ends.
    public struct Ending: Sendable, Hashable, Encodable {
        public let status: String
        public let cause: String?
        public let code: String?
        /// What the customer paid, in minor units.
        public let paid: Int64

        init(_ status: OrderState, _ cause: Cause? = nil, _ code: RefusalCode? = nil, paid: Int64) {
            self.status = status.rawValue
            self.cause = cause?.rawValue
            self.code = code?.rawValue
            self.paid = paid
        }

        var text: String { ([status] + [cause, code].compactMap { $0 }).joined(separator: " ") + ", \(paid) paid" }
    }

    public let name: Name
    /// In the wallet, minor units.
    public var balance: Int64 = 50_000
    /// Distinct items that the customer may own.
    public var slots: Int64 = 10
    public var lines = [Line(product: .lamp, quantity: 2, price: 9_000, stock: 10)]
    public var coupon: OfferedCoupon?
    /// From the order to its deadline.
    public var timeout: Duration = .seconds(300)
    /// The customer cancels once this event was emitted.
    public var cancelsAfter: EventType?
    public let announced: Ending
    var gateway = GatewayScript.captures

    /// Before a coupon, in minor units.
    public var total: Int64 { lines.map { $0.price * $0.quantity }.reduce(0, +) }

    private init(_ name: Name, endsAs announced: Ending) {
        self.name = name
        self.announced = announced
    }

    /// The scenario of that name.
    public init(_ name: Name) {
        switch name {
        case .success: self.init(name, endsAs: Ending(.completed, paid: 18_000))
        case .couponOrder:
            self.init(name, endsAs: Ending(.completed, paid: 16_200))
            coupon = OfferedCoupon(minimum: 0)
        case .refusedCoupon:
            self.init(name, endsAs: Ending(.failed, .refused, .couponMinOrderAmount, paid: 0))
            coupon = OfferedCoupon(minimum: 20_000)
        case .shortBalance:
            self.init(name, endsAs: Ending(.failed, .refused, .insufficientBalance, paid: 0))
            balance = 10_000
        case .fullInventory:
            self.init(name, endsAs: Ending(.failed, .refused, .slotsFull, paid: 0))
            slots = 1
            lines.append(Line(product: .chair, quantity: 1, price: 12_000, stock: 10))
        case .shortStock:
            self.init(name, endsAs: Ending(.failed, .refused, .insufficientStock, paid: 0))
            lines = [Line(product: .lamp, quantity: 2, price: 9_000, stock: 1)]
        case .declinedPayment:
            self.init(name, endsAs: Ending(.failed, .declined, .paymentDeclined, paid: 0))
            coupon = OfferedCoupon(minimum: 0)
            gateway = .declines
        case .deadline:
            self.init(name, endsAs: Ending(.failed, .deadline, .orderDeadline, paid: 0))
            timeout = .milliseconds(700)
            gateway = .losesAnswersUntilDeadline
        case .cancellation:
            self.init(name, endsAs: Ending(.cancelled, .user, .orderCancelled, paid: 0))
            cancelsAfter = InventoryReserved.type
        }
    }
}
