import FoundationEssentials
import SagaChoreography

/// The time of copies passed unused; one event a transaction.
public struct CouponExpired: Event {
    public static let type: EventType = "coupon.expired"
    public static let isTerminal = true

    /// One user's copy.
    public struct Copy: Sendable, Codable, Hashable {
        public var id: UserCouponID
        public var couponID: CouponID
        public var userID: UserID

        public init(id: UserCouponID, couponID: CouponID, userID: UserID) {
            self.id = id
            self.couponID = couponID
            self.userID = userID
        }
    }

    public var copies: [Copy]
    public var subject: UUID? { nil }

    public init(copies: [Copy]) { self.copies = copies }
}

/// A copy expires in three days or less; once a copy. An event each, because each is for one user.
public struct CouponExpiringWarning: Event {
    public static let type: EventType = "coupon.expiring.warning"
    public var userCouponID: UserCouponID
    public var couponID: CouponID
    /// Lower case; `nil` if the coupon has none.
    public var code: String?
    public var userID: UserID
    public var expiresAt: Timestamp
    public var subject: UUID? { nil }

    public init(
        userCouponID: UserCouponID, couponID: CouponID, code: String?, userID: UserID, expiresAt: Timestamp
    ) {
        self.userCouponID = userCouponID
        self.couponID = couponID
        self.code = code
        self.userID = userID
        self.expiresAt = expiresAt
    }
}
