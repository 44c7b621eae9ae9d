import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Adds a coupon.
public struct CreateCoupon: Command {
    public static let id: ReactionID = "coupons.create-coupon"

    public let coupon: CouponID?
    public let rule: CouponRule
    public let isActive: Bool
    public let actor: UserID

    /// - Parameters:
    ///   - coupon: the new coupon's id; `nil` to have one made.
    ///   - isActive: whether it can be had and used at once.
    public init(coupon: CouponID? = nil, rule: CouponRule, isActive: Bool = true, actor: UserID) {
        self.coupon = coupon
        self.rule = rule
        self.isActive = isActive
        self.actor = actor
    }

    /// - Throws: ``CouponsRefusal`` `.invalid`, `.codeTaken`.
    public func execute(in step: SQLStep) throws -> Decision<Coupon, CouponCreated> {
        try rule.check()
        var rule = rule
        rule.code = rule.code?.lowercased()
        let coupon = Coupon(
            id: coupon ?? CouponID(step.ids.next()), rule: rule, issued: 0, isActive: isActive, createdBy: actor,
            createdAt: step.now, updatedAt: step.now)
        guard try CouponStore(step.transaction).insert(coupon) else { throw CouponsRefusal.codeTaken }
        try AuditLog.write(
            AuditRecord(
                service: CouponsParticipant.service, action: "coupons.coupon-created", resource: "coupon",
                resourceID: "\(coupon.id)", actor: actor.uuid,
                details: ["code": rule.code ?? "", "totalQuantity": "\(rule.totalQuantity)"]), in: step)
        return Decision(
            coupon,
            emits: CouponCreated(
                couponID: coupon.id, code: rule.code, totalQuantity: rule.totalQuantity, isActive: isActive,
                createdBy: actor))
    }
}
