import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// A user takes a copy of a coupon: one a user and coupon.
public struct ClaimCoupon: Command {
    public static let id: ReactionID = "coupons.claim-coupon"

    /// How the user names the coupon.
    public enum Choice: Sendable, Hashable {
        case coupon(CouponID)
        /// Without regard to case.
        case code(String)
    }

    public let choice: Choice
    public let user: UserID

    public init(_ choice: Choice, user: UserID) {
        self.choice = choice
        self.user = user
    }

    /// - Throws: ``CouponsRefusal`` `.refused` (not found, inactive, not yet valid, expired, out of stock, already claimed).
    public func execute(in step: SQLStep) throws -> Decision<UserCoupon, IssueNotice> {
        let coupons = CouponStore(step.transaction)
        let found =
            switch choice {
            case .coupon(let id): try coupons.coupon(id)
            case .code(let code): try coupons.coupon(code: code)
            }
        guard let coupon = found else { throw CouponsRefusal(.couponNotFound) }
        guard try UserCouponStore(step.transaction).copy(of: coupon.id, ownedBy: user) == nil else {
            throw CouponsRefusal(.couponAlreadyClaimed)
        }
        switch try CouponIssuing(step).issue(coupon, to: user, .claimed, unless: coupon.refusalToClaim(at: step.now)) {
        case .failure(let refused): throw CouponsRefusal.refused(refused.refusal)
        case .success(let issue):
            try AuditLog.write(
                AuditRecord(
                    service: CouponsParticipant.service, action: "coupons.coupon-claimed", resource: "user-coupon",
                    resourceID: "\(issue.copy.id)", actor: user.uuid, severity: .low,
                    details: ["coupon": "\(coupon.id)"]),
                in: step)
            return Decision(issue.copy, emits: issue.notice)
        }
    }
}
