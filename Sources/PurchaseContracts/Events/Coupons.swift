import FoundationEssentials
import SagaChoreography

/// The coupon is held for this order; `order` carries the discount and the final amount.
public struct CouponValidated: OrderEvent {
    public static let type: EventType = "coupon.validated"
    public var order: OrderFacts
    /// The copy that is held (claimed first if a code was given).
    public var userCouponID: UserCouponID

    public init(order: OrderFacts, userCouponID: UserCouponID) {
        self.order = order
        self.userCouponID = userCouponID
    }
}

/// The coupon was refused; nothing was taken.
public struct CouponValidationFailed: StepFailed {
    public static let type: EventType = "coupon.validation.failed"
    public var order: OrderFacts
    public var cause: Cause
    public var refusal: Refusal

    public init(order: OrderFacts, cause: Cause, refusal: Refusal) {
        self.order = order
        self.cause = cause
        self.refusal = refusal
    }
}

/// A copy is set aside for this order. For observers: coupon.validated carries the saga on.
public struct CouponHeld: OrderEvent {
    public static let type: EventType = "coupon.held"
    public static let isTerminal = true
    public var order: OrderFacts
    public var couponID: CouponID
    public var userCouponID: UserCouponID

    public init(order: OrderFacts, couponID: CouponID, userCouponID: UserCouponID) {
        self.order = order
        self.couponID = couponID
        self.userCouponID = userCouponID
    }
}

/// The copy that was held for this undone order is its owner's again. For observers: coupon.released is the
/// acknowledgement, which comes whether or not a copy was held.
public struct CouponUsageCancelled: OrderEvent {
    public static let type: EventType = "coupon.usage.cancelled"
    public static let isTerminal = true
    public var order: OrderFacts
    public var couponID: CouponID
    public var userCouponID: UserCouponID

    public init(order: OrderFacts, couponID: CouponID, userCouponID: UserCouponID) {
        self.order = order
        self.couponID = couponID
        self.userCouponID = userCouponID
    }
}

/// The held coupon was spent on the completed order.
public struct CouponUsed: BareOrderEvent {
    public static let type: EventType = "coupon.used"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}

/// Acknowledges an undone order: no coupon is held for it.
public struct CouponReleased: BareOrderEvent {
    public static let type: EventType = "coupon.released"
    public var order: OrderFacts

    public init(order: OrderFacts) {
        self.order = order
    }
}
