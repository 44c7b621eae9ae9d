import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Gives a user a copy of a coupon, be it one that is valid only later.
public struct IssueCoupon: Command {
    public static let id: ReactionID = "coupons.issue-coupon"

    public let coupon: CouponID
    public let user: UserID
    public let actor: UserID

    public init(coupon: CouponID, user: UserID, actor: UserID) {
        self.coupon = coupon
        self.user = user
        self.actor = actor
    }

    /// - Throws: ``CouponsRefusal`` `.refused` (not found, inactive, expired, out of stock, already claimed).
    public func execute(in step: SQLStep) throws -> Decision<UserCoupon, IssueNotice> {
        guard let coupon = try CouponStore(step.transaction).coupon(coupon) else {
            throw CouponsRefusal(.couponNotFound)
        }
        guard try UserCouponStore(step.transaction).copy(of: coupon.id, ownedBy: user) == nil else {
            throw CouponsRefusal(.couponAlreadyClaimed)
        }
        switch try CouponIssuing(step).issue(coupon, to: user, .given, unless: coupon.refusalToIssue(at: step.now)) {
        case .failure(let refused): throw CouponsRefusal.refused(refused.refusal)
        case .success(let issue):
            try AuditLog.write(
                AuditRecord(
                    service: CouponsParticipant.service, action: "coupons.coupon-issued", resource: "user-coupon",
                    resourceID: "\(issue.copy.id)", actor: actor.uuid, severity: .medium,
                    details: ["coupon": "\(coupon.id)", "user": "\(user)"]), in: step)
            return Decision(issue.copy, emits: issue.notice)
        }
    }
}
