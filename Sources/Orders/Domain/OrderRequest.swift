import FoundationEssentials
import PurchaseContracts

/// What a customer asks for.
public struct OrderRequest: Sendable, Hashable {
    /// Some pieces of one item.
    public struct Line: Sendable, Hashable {
        public var itemID: ItemID
        public var quantity: Int64

        public init(itemID: ItemID, quantity: Int64) {
            self.itemID = itemID
            self.quantity = quantity
        }
    }

    public var userID: UserID
    /// Several lines of one item are one demand.
    public var lines: [Line]
    public var coupon: CouponChoice?

    public init(userID: UserID, lines: [Line], coupon: CouponChoice? = nil) {
        self.userID = userID
        self.lines = lines
        self.coupon = coupon
    }
}

/// What every order takes from the configuration.
public struct OrderSettings: Sendable, Hashable {
    public var currency: Currency
    /// From the order to its deadline.
    public var timeout: Duration

    public init(currency: Currency, timeout: Duration) {
        self.currency = currency
        self.timeout = timeout
    }
}

/// What makes a client's retry the same request: the key within its subject and operation, and what was asked.
public struct IdempotencyRequest: Sendable, Hashable {
    public var subject: UserID
    public var operation: String
    public var key: String
    /// SHA-256 of the body, hex.
    public var bodyHash: String

    public init(subject: UserID, operation: String, key: String, bodyHash: String) {
        self.subject = subject
        self.operation = operation
        self.key = key
        self.bodyHash = bodyHash
    }

    /// Whether both have one key, whatever their bodies.
    func hasKey(of other: IdempotencyRequest) -> Bool {
        (subject, operation, key) == (other.subject, other.operation, other.key)
    }
}
