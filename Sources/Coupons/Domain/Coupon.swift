import PurchaseContracts
import SagaChoreography

/// A discount rule with how often it was issued.
public struct Coupon: Sendable, Hashable {
    public let id: CouponID
    public let rule: CouponRule
    /// Copies issued, at most `rule.totalQuantity`.
    public let issued: Int64
    public let isActive: Bool
    public let createdBy: UserID
    public let createdAt: Timestamp
    public let updatedAt: Timestamp

    /// Copies that can still be issued.
    public var remaining: Int64 { rule.totalQuantity - issued }

    /// Why no copy may be issued at `time`, be it one that is valid only later; `nil` if one may. The quantity is guarded
    /// by the database besides.
    func refusalToIssue(at time: Timestamp) -> Refusal? {
        if !isActive { return Refusal(.couponInactive) }
        if rule.validity.period(issuedAt: time).until <= time { return Refusal(.couponExpired) }
        return issued < rule.totalQuantity ? nil : Refusal(.couponOutOfStock)
    }

    /// Why a user may not take a copy himself at `time`; `nil` if he may.
    func refusalToClaim(at time: Timestamp) -> Refusal? {
        if !isActive { return Refusal(.couponInactive) }
        return rule.validity.period(issuedAt: time).refusal(at: time) ?? refusalToIssue(at: time)
    }
}

/// One user's copy of a coupon.
public struct UserCoupon: Sendable, Hashable {
    public let id: UserCouponID
    public let couponID: CouponID
    public let userID: UserID
    public let status: UserCouponStatus
    public let period: ValidityPeriod
    public let issuedAt: Timestamp
    /// The order that holds or used it.
    public let orderID: OrderID?

    /// What it can be used for at `time`: a copy whose time has passed is expired, whether or not it is labelled so yet.
    public func status(at time: Timestamp) -> UserCouponStatus {
        status == .active && time >= period.until ? .expired : status
    }

    /// Whether it can be used at `time`, but not for much longer.
    public func expiresSoon(at time: Timestamp) -> Bool {
        status(at: time) == .active && period.until - time <= Self.warningTime
    }

    /// How long before its end a copy's owner is warned.
    public static let warningTime = Duration.seconds(3 * 86_400)
}

/// What a copy can still be used for.
public enum UserCouponStatus: String, Sendable, Codable, CaseIterable {
    case active = "ACTIVE"
    /// Held by an order that is still running.
    case held = "HELD"
    case used = "USED"
    case expired = "EXPIRED"
}
