import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Labels copies whose time has passed; answers how many. Until then they are shown as expired and cannot be used anyway.
public struct ExpireCopies: Command {
    public static let id: ReactionID = "coupons.expire-copies"

    let limit: Int

    public init(limit: Int) { self.limit = limit }

    public func execute(in step: SQLStep) throws -> Decision<Int, CouponExpired> {
        let expired = try UserCouponStore(step.transaction).expire(limit: limit, at: step.now)
        let copies = expired.sorted { $0.id < $1.id }.map {
            CouponExpired.Copy(id: $0.id, couponID: $0.couponID, userID: $0.userID)
        }
        return Decision(copies.count, emits: copies.isEmpty ? nil : CouponExpired(copies: copies))
    }
}

/// Warns the owners of copies that expire soon, once; answers how many.
public struct WarnOfExpiry: Command {
    public static let id: ReactionID = "coupons.warn-of-expiry"

    let limit: Int

    public init(limit: Int) { self.limit = limit }

    public func execute(in step: SQLStep) throws -> Decision<Int, [CouponExpiringWarning]> {
        let copies = try UserCouponStore(step.transaction).warn(limit: limit, at: step.now)
        let coupons = try CouponStore(step.transaction).coupons(Set(copies.map(\.couponID)))
        let warnings = copies.sorted { ($0.period.until, $0.id) < ($1.period.until, $1.id) }.map {
            CouponExpiringWarning(
                userCouponID: $0.id, couponID: $0.couponID, code: coupons[$0.couponID]?.rule.code, userID: $0.userID,
                expiresAt: $0.period.until)
        }
        return Decision(warnings.count, emits: warnings)
    }
}
