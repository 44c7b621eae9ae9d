import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@testable import Coupons

@Suite struct ChangeCouponTests {
    private static let terms: [CouponChange] = [
        .init(discount: .fixed(Money(1))), .init(discount: .percentage(basisPoints: 1000, cap: Money(5))),
        .init(minOrderAmount: Money(1)), .init(scope: .items([ItemID(UUID())])),
    ]

    @Test(arguments: terms)
    func `its terms change as long as nobody has it, then never`(change: CouponChange) async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            let changed = try await coupons.run(ChangeCoupon(coupon: coupon, change: change, actor: boss)).outcome
            #expect(changed.rule == change.applied(to: .fixture(code: "ten")))
            _ = try await coupons.issue(coupon, to: UserID(UUID()))
            let back = CouponChange(
                discount: .percentage(basisPoints: 1000, cap: nil), minOrderAmount: .zero, scope: .all)
            await #expect(throws: CouponsRefusal.alreadyIssued) {
                try await coupons.run(ChangeCoupon(coupon: coupon, change: back, actor: boss))
            }
            // What is so already is no change.
            let same = try await coupons.run(ChangeCoupon(coupon: coupon, change: change, actor: boss)).outcome
            #expect(same.rule == changed.rule)
        }
    }

    @Test func `code, quantity and validity change even then; copies keep their period`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(quantity: 5))
            let copy = try await coupons.issue(coupon, to: UserID(UUID()))
            _ = try await coupons.issue(coupon, to: UserID(UUID()))
            let before = try await coupons.copy(copy)?.period
            let change = CouponChange(code: .text("Summer"), totalQuantity: 2, validity: .relative(days: 1))
            let changed = try await coupons.run(ChangeCoupon(coupon: coupon, change: change, actor: boss)).outcome
            #expect(changed.rule.code == "summer" && changed.remaining == 0)
            #expect(try await coupons.copy(copy)?.period == before)
            await #expect(throws: CouponsRefusal.belowIssued(2)) {
                try await coupons.run(ChangeCoupon(coupon: coupon, change: .init(totalQuantity: 1), actor: boss))
            }
            let without = ChangeCoupon(coupon: coupon, change: .init(code: CouponChange.Code.none), actor: boss)
            #expect(try await coupons.run(without).outcome.rule.code == nil)
        }
    }

    @Test func `what is impossible, taken or unknown changes nothing`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            _ = try await coupons.add(.fixture(code: "other"))
            func change(_ change: CouponChange, of id: CouponID? = nil) -> ChangeCoupon {
                ChangeCoupon(coupon: id ?? coupon, change: change, actor: boss)
            }
            await #expect(throws: CouponsRefusal.codeTaken) {
                try await coupons.run(change(.init(isActive: false, code: .text("OTHER"))))
            }
            await #expect(throws: CouponsRefusal.invalid(field: "discountValue")) {
                try await coupons.run(change(.init(discount: .fixed(.zero))))
            }
            await #expect(throws: CouponsRefusal(.couponNotFound)) {
                try await coupons.run(change(.init(isActive: false), of: CouponID(UUID())))
            }
            let stored = try await coupons.read { try CouponQueries($0).coupon(coupon) }
            #expect(stored?.rule == .fixture(code: "ten") && stored?.isActive == true)
        }
    }

    @Test func `a change is audited with old and new, and no change is not`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            for _ in 1...2 {
                let change = CouponChange(isActive: false, totalQuantity: 7)
                try await coupons.run(ChangeCoupon(coupon: coupon, change: change, actor: boss))
            }
            let details = try await coupons.read {
                try $0.rows("SELECT details FROM saga_audit WHERE action = 'coupons.coupon-changed'").map {
                    try $0.text("details")
                }
            }
            #expect(details == [#"{"isActive":"true -> false","totalQuantity":"100 -> 7"}"#])
        }
    }

    @Test func `the tables keep what is issued and used`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            let buyer = UserID(UUID())
            _ = try await coupons.issue(coupon, to: buyer)
            let wrongs: [SQLStatement] = [
                "UPDATE coupons_coupons SET issued = 0", "UPDATE coupons_user_coupons SET user_id = \(boss)",
            ]
            for wrong in wrongs {
                let error = await #expect(throws: SQLError.self) { try await coupons.given { try $0.execute(wrong) } }
                #expect(error?.code == .constraint)
            }
        }
    }
}
