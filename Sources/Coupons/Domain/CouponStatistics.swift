import PurchaseContracts
import SagaChoreography

/// How copies of one coupon, or of all, fare at one moment.
public struct CouponFigures: Sendable, Hashable {
    /// Copies ever issued: the sum of the next four.
    public var issued: Int64 = 0
    /// Copies that can be used.
    public var active: Int64 = 0
    public var held: Int64 = 0
    public var used: Int64 = 0
    public var expired: Int64 = 0
    /// What used copies took off, all in all.
    public var discountGiven = Money.zero

    /// Nothing issued.
    public init() {}
}

/// What happened to copies on one day (UTC).
public struct CouponDay: Sendable, Hashable {
    /// Its first moment.
    public let day: Timestamp
    public var issued: Int64 = 0
    public var used: Int64 = 0
    /// Copies whose time passed unused.
    public var expired: Int64 = 0
    public var discountGiven = Money.zero

    init(day: Timestamp) { self.day = day }
}

/// Figures of one coupon, or of all, and how they came about.
public struct CouponStatistics: Sendable, Hashable {
    public let figures: CouponFigures
    /// Days on which something happened, oldest first.
    public let days: [CouponDay]
}

/// How much one coupon is used.
public struct CouponUsage: Sendable, Hashable {
    public let coupon: Coupon
    public let used: Int64
    public let discountGiven: Money
}
