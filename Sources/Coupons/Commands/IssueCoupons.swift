import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Gives a coupon to each of several users, be it one that is valid only later; what cannot be for one does not keep the
/// others from theirs.
public struct IssueCoupons: Command {
    public static let id: ReactionID = "coupons.issue-coupons"
    /// So many users at most are served at once; for more there is the issue to everyone.
    public static let userLimit = 1000

    /// What became of it for one user.
    public enum Answer: Sendable, Hashable {
        case issued(UserCouponID)
        /// Already claimed, or out of stock.
        case refused(RefusalCode)
    }

    public let coupon: CouponID
    /// Each once.
    public let users: [UserID]
    public let actor: UserID

    /// - Parameter users: a user named twice is served once; out of stock are those named last.
    public init(coupon: CouponID, users: [UserID], actor: UserID) {
        self.coupon = coupon
        var seen: Set<UserID> = []
        self.users = users.filter { seen.insert($0).inserted }
        self.actor = actor
    }

    /// - Throws: ``CouponsRefusal`` `.refused` (not found, inactive, expired), `.invalid` for too many users.
    public func execute(in step: SQLStep) throws -> Decision<[UserID: Answer], IssueNotice> {
        guard users.count <= Self.userLimit else { throw CouponsRefusal.invalid(field: "userIds") }
        guard let coupon = try CouponStore(step.transaction).locked(coupon) else {
            throw CouponsRefusal(.couponNotFound)
        }
        // Out of stock is an answer for each user: who has a copy already is told that.
        if let refusal = coupon.refusalToIssue(at: step.now), refusal.code != .couponOutOfStock {
            throw CouponsRefusal.refused(refusal)
        }
        let issue = try CouponIssuing(step).issue(coupon, toAll: users, .given)
        var answers: [UserID: Answer] = [:]
        for copy in issue.copies { answers[copy.userID] = .issued(copy.id) }
        for user in issue.owners { answers[user] = .refused(.couponAlreadyClaimed) }
        for user in issue.unserved { answers[user] = .refused(.couponOutOfStock) }
        try AuditLog.write(
            AuditRecord(
                service: CouponsParticipant.service, action: "coupons.coupon-issued", resource: "coupon",
                resourceID: "\(coupon.id)", actor: actor.uuid, severity: .medium,
                details: [
                    "users": "\(users.count)", "issued": "\(issue.copies.count)",
                    "alreadyClaimed": "\(issue.owners.count)", "outOfStock": "\(issue.unserved.count)",
                ]), in: step)
        return Decision(answers, emits: issue.notice)
    }
}
