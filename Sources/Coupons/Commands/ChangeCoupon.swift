import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Changes what can be changed of a coupon without hurting whoever has a copy of it: its terms only as long as nobody has.
public struct ChangeCoupon: Command {
    public static let id: ReactionID = "coupons.change-coupon"

    public let coupon: CouponID
    public let change: CouponChange
    public let actor: UserID

    public init(coupon: CouponID, change: CouponChange, actor: UserID) {
        self.coupon = coupon
        self.change = change
        self.actor = actor
    }

    /// Changes nothing if all is so already.
    ///
    /// - Throws: ``CouponsRefusal`` `.refused` (not found), `.invalid`, `.codeTaken`, `.alreadyIssued`, `.belowIssued`.
    public func execute(in step: SQLStep) throws -> Decision<Coupon, Both<CouponStatusChanged?, StockNotice?>> {
        let coupons = CouponStore(step.transaction)
        guard let old = try coupons.locked(coupon) else { throw CouponsRefusal(.couponNotFound) }
        let rule = change.applied(to: old.rule)
        var status: CouponStatusChanged?
        var stock: StockNotice?
        if rule != old.rule {
            try write(rule, over: old, in: step)
            stock = StockLevel(issued: old.issued, total: rule.totalQuantity).notice(
                of: coupon, before: StockLevel(issued: old.issued, total: old.rule.totalQuantity))
        }
        if let isActive = change.isActive, try coupons.setActive(isActive, coupon, at: step.now) {
            status = CouponStatusChanged(couponID: coupon, isActive: isActive, actor: actor)
        }
        guard let new = try coupons.coupon(coupon) else { throw CouponsRefusal(.couponNotFound) }
        if rule != old.rule || status != nil { try audit(old, new, in: step) }
        return Decision(new, emits: Both(status, stock))
    }

    private func write(_ rule: CouponRule, over old: Coupon, in step: SQLStep) throws {
        try rule.check()
        let keepsTerms = rule.hasTerms(of: old.rule)
        guard keepsTerms || old.issued == 0 else { throw CouponsRefusal.alreadyIssued }
        guard rule.totalQuantity >= old.issued else { throw CouponsRefusal.belowIssued(old.issued) }
        guard try CouponStore(step.transaction).update(coupon, to: rule, keepsTerms: keepsTerms, at: step.now) else {
            // The row is locked, so nothing was issued meanwhile: it is the code.
            throw CouponsRefusal.codeTaken
        }
    }

    private func audit(_ old: Coupon, _ new: Coupon, in step: SQLStep) throws {
        var details: [String: String] = [:]
        func note(_ name: String, _ before: some Equatable, _ after: some Equatable) {
            let (before, after) = ("\(before)", "\(after)")
            if before != after { details[name] = "\(before) -> \(after)" }
        }
        note("isActive", old.isActive, new.isActive)
        note("code", old.rule.code ?? "", new.rule.code ?? "")
        note("discount", old.rule.discount, new.rule.discount)
        note("minOrderAmount", old.rule.minOrderAmount.minorUnits, new.rule.minOrderAmount.minorUnits)
        note("totalQuantity", old.rule.totalQuantity, new.rule.totalQuantity)
        note("validity", old.rule.validity, new.rule.validity)
        if old.rule.scope != new.rule.scope { details["scope"] = "changed" }
        try AuditLog.write(
            AuditRecord(
                service: CouponsParticipant.service, action: "coupons.coupon-changed", resource: "coupon",
                resourceID: "\(coupon)", actor: actor.uuid, details: details), in: step)
    }
}
