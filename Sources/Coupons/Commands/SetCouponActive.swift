import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Switches a coupon on or off. Copies that orders hold stay held.
public struct SetCouponActive: Command {
    public static let id: ReactionID = "coupons.set-active"

    public let coupon: CouponID
    public let isActive: Bool
    public let actor: UserID

    public init(coupon: CouponID, isActive: Bool, actor: UserID) {
        self.coupon = coupon
        self.isActive = isActive
        self.actor = actor
    }

    /// Changes nothing if it was so before.
    ///
    /// - Throws: ``CouponsRefusal`` `.refused` (not found).
    public func execute(in step: SQLStep) throws -> Decision<Coupon, CouponStatusChanged> {
        let coupons = CouponStore(step.transaction)
        let changed = try coupons.setActive(isActive, coupon, at: step.now)
        guard let found = try coupons.coupon(coupon) else { throw CouponsRefusal(.couponNotFound) }
        if changed {
            try AuditLog.write(
                AuditRecord(
                    service: CouponsParticipant.service, action: "coupons.active-set", resource: "coupon",
                    resourceID: "\(coupon)", actor: actor.uuid,
                    details: ["old": "\(!isActive)", "new": "\(isActive)"]), in: step)
        }
        return Decision(
            found,
            emits: changed ? CouponStatusChanged(couponID: coupon, isActive: isActive, actor: actor) : nil)
    }
}
