import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// A user takes a copy of a coupon: one a user and coupon. Idempotent if given a key.
public struct ClaimCoupon: Command {
    public static let id: ReactionID = "coupons.claim-coupon"

    /// How the user names the coupon.
    public enum Choice: Sendable, Hashable {
        case coupon(CouponID)
        /// Without regard to case.
        case code(String)
    }

    /// What came of it.
    public struct Claim: Sendable, Hashable {
        /// The copy as it was when it was taken.
        public let copy: UserCoupon
        /// Whether the key had been used before: then nothing was taken again.
        public let isRepeat: Bool
    }

    public let choice: Choice
    public let user: UserID
    private let key: String?

    /// - Parameter key: the user's; the same key takes one copy, however often it is sent.
    public init(_ choice: Choice, user: UserID, key: String? = nil) {
        self.choice = choice
        self.user = user
        self.key = key
    }

    /// - Throws: ``CouponsRefusal`` `.refused` (not found, inactive, not yet valid, expired, out of stock, already claimed),
    ///   `.keyReused`.
    public func execute(in step: SQLStep) throws -> Decision<Claim, IssueNotice> {
        let coupons = CouponStore(step.transaction)
        let found =
            switch choice {
            case .coupon(let id): try coupons.coupon(id)
            case .code(let code): try coupons.coupon(code: code)
            }
        guard var coupon = found else { throw CouponsRefusal(.couponNotFound) }
        // Under a key one claim comes after the other: the second is a repeat, not one too many.
        if key != nil { coupon = try coupons.locked(coupon.id) ?? coupon }
        if let key, let earlier = try UserCouponStore(step.transaction).copy(claimedUnder: key, by: user) {
            guard earlier.couponID == coupon.id else { throw CouponsRefusal.keyReused }
            return Decision(Claim(copy: earlier.asIssued, isRepeat: true))
        }
        guard try UserCouponStore(step.transaction).copy(of: coupon.id, ownedBy: user) == nil else {
            throw CouponsRefusal(.couponAlreadyClaimed)
        }
        let refusal = coupon.refusalToClaim(at: step.now)
        switch try CouponIssuing(step).issue(coupon, to: user, .claimed, under: key, unless: refusal) {
        case .failure(let refused): throw CouponsRefusal.refused(refused.refusal)
        case .success(let issue):
            try AuditLog.write(
                AuditRecord(
                    service: CouponsParticipant.service, action: "coupons.coupon-claimed", resource: "user-coupon",
                    resourceID: "\(issue.copy.id)", actor: user.uuid, severity: .low,
                    details: ["coupon": "\(coupon.id)"]),
                in: step)
            return Decision(Claim(copy: issue.copy, isRepeat: false), emits: issue.notice)
        }
    }
}

extension UserCoupon {
    /// As it was when its owner got it.
    fileprivate var asIssued: UserCoupon {
        UserCoupon(
            id: id, couponID: couponID, userID: userID, status: .active, period: period, issuedAt: issuedAt,
            orderID: nil)
    }
}
