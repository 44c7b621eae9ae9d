import FoundationEssentials
import SagaChoreography

// Events about coupons that belong to no order. They have no subject, so an outbox row of theirs lives only until whoever
// subscribes has it: nothing has to be settled first. All are for observers.

/// A coupon was added.
public struct CouponCreated: Event {
    public static let type: EventType = "coupon.created"
    public static let isTerminal = true
    public var couponID: CouponID
    /// Lower case; `nil` if it has none.
    public var code: String?
    public var totalQuantity: Int64
    public var isActive: Bool
    public var createdBy: UserID
    public var subject: UUID? { nil }

    public init(couponID: CouponID, code: String?, totalQuantity: Int64, isActive: Bool, createdBy: UserID) {
        self.couponID = couponID
        self.code = code
        self.totalQuantity = totalQuantity
        self.isActive = isActive
        self.createdBy = createdBy
    }
}

/// A coupon was switched on or off.
public struct CouponStatusChanged: Event {
    public static let type: EventType = "coupon.status.changed"
    public static let isTerminal = true
    public var couponID: CouponID
    public var isActive: Bool
    public var actor: UserID
    public var subject: UUID? { nil }

    public init(couponID: CouponID, isActive: Bool, actor: UserID) {
        self.couponID = couponID
        self.isActive = isActive
        self.actor = actor
    }
}

/// Users got their copies of a coupon: one event a transaction, so that a coupon for a hundred thousand users is hundreds of
/// events and not a hundred thousand.
public struct CouponIssued: Event {
    public static let type: EventType = "coupon.issued"
    public static let isTerminal = true

    /// How a copy came to its owner.
    public enum Way: String, Sendable, Codable, Hashable, CaseIterable {
        /// He took it.
        case claimed
        /// An order brought its code.
        case ordered
        /// An admin gave it to him by name.
        case given
        /// It was given to everyone.
        case everyone
    }

    /// One user's copy.
    public struct Copy: Sendable, Codable, Hashable {
        public var id: UserCouponID
        public var userID: UserID
        public var expiresAt: Timestamp

        public init(id: UserCouponID, userID: UserID, expiresAt: Timestamp) {
            self.id = id
            self.userID = userID
            self.expiresAt = expiresAt
        }
    }

    public var couponID: CouponID
    public var way: Way
    public var copies: [Copy]
    /// How many can still be issued.
    public var remaining: Int64
    public var subject: UUID? { nil }

    public init(couponID: CouponID, way: Way, copies: [Copy], remaining: Int64) {
        self.couponID = couponID
        self.way = way
        self.copies = copies
        self.remaining = remaining
    }
}

/// At most a tenth of a coupon is left; once a crossing.
public struct CouponLowStock: Event {
    public static let type: EventType = "coupon.low.stock"
    public static let isTerminal = true
    public var couponID: CouponID
    public var remaining: Int64
    public var totalQuantity: Int64
    public var subject: UUID? { nil }

    public init(couponID: CouponID, remaining: Int64, totalQuantity: Int64) {
        self.couponID = couponID
        self.remaining = remaining
        self.totalQuantity = totalQuantity
    }
}

/// The last copy of a coupon was issued.
public struct CouponOutOfStock: Event {
    public static let type: EventType = "coupon.out.of.stock"
    public static let isTerminal = true
    public var couponID: CouponID
    public var totalQuantity: Int64
    public var subject: UUID? { nil }

    public init(couponID: CouponID, totalQuantity: Int64) {
        self.couponID = couponID
        self.totalQuantity = totalQuantity
    }
}
