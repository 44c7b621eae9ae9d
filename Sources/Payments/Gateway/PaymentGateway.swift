import PurchaseContracts

/// The acquirer that settles what the wallet holds. Its capture is the payment; it charges no second instrument.
///
/// Both calls are idempotent by key, give up after the implementation's own time-out, and never throw: what is not an
/// explicit yes or no is unknown.
public protocol PaymentGateway: Sendable {
    /// Captures an amount once for each key.
    func charge(_ request: ChargeRequest) async -> ChargeAnswer

    /// Gives a captured amount back, once for each key.
    func refund(_ request: RefundRequest) async -> RefundAnswer

    /// Where its charges are written down.
    var book: GatewayBook { get }

    /// Whether calls may be made now. One that is made all the same is answered with `unknown`.
    var readiness: GatewayReadiness { get }
}

extension PaymentGateway {
    public var book: GatewayBook { .here }
    public var readiness: GatewayReadiness { .ready }
}

/// What to charge.
public struct ChargeRequest: Sendable, Hashable {
    /// The idempotency key: the order's id.
    public let key: String
    public let orderID: OrderID
    public let amount: Money
    public let currency: Currency

    public init(key: String, orderID: OrderID, amount: Money, currency: Currency) {
        self.key = key
        self.orderID = orderID
        self.amount = amount
        self.currency = currency
    }
}

/// What became of a charge.
public enum ChargeAnswer: Sendable, Hashable {
    /// The money moved; `reference` is the gateway's name for it.
    case captured(reference: String)
    /// An explicit no: the money never moves under this key.
    case declined(reason: String)
    /// Time-out, rejected credentials, rate limit, server error: anything else.
    case unknown(why: String)
}

/// What to give back.
public struct RefundRequest: Sendable, Hashable {
    /// The idempotency key of the refund, another than that of the charge.
    public let key: String
    /// The gateway's name for the captured charge.
    public let reference: String
    public let orderID: OrderID
    public let amount: Money
    public let currency: Currency

    public init(key: String, reference: String, orderID: OrderID, amount: Money, currency: Currency) {
        self.key = key
        self.reference = reference
        self.orderID = orderID
        self.amount = amount
        self.currency = currency
    }
}

/// What became of a refund.
public enum RefundAnswer: Sendable, Hashable {
    case refunded
    /// An explicit no: the money stays captured.
    case refused(reason: String)
    /// Anything else: ask again with the same key.
    case unknown(why: String)
}
