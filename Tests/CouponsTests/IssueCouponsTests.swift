import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaTesting
import Testing

@testable import Coupons

@Suite struct IssueCouponsTests {
    @Test func `each user is answered: given, had one, none left`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(quantity: 3))
            let users = (0..<4).map { _ in UserID(UUID()) }
            let had = try await coupons.issue(coupon, to: users[1])
            let result = try await coupons.run(
                IssueCoupons(coupon: coupon, users: users + [users[0]], actor: boss))
            #expect(result.types == [CouponIssued.type, CouponOutOfStock.type])
            #expect(result.outcome.count == 4)
            #expect(result.outcome[users[1]] == .refused(.couponAlreadyClaimed))
            #expect(result.outcome[users[3]] == .refused(.couponOutOfStock))
            for user in [users[0], users[2]] {
                let copies = try await coupons.copies(of: user)
                #expect(copies.count == 1 && copies[0].id != had)
                #expect(result.outcome[user] == copies.first.map { .issued($0.id) })
            }
            // The same again gives nobody anything.
            let again = try await coupons.run(IssueCoupons(coupon: coupon, users: users, actor: boss))
            #expect(again.types.isEmpty && again.outcome[users[0]] == .refused(.couponAlreadyClaimed))
        }
    }

    @Test func `a coupon that is off, over or unknown is given to nobody; so are too many at once`() async throws {
        try await withCoupons { coupons in
            let users = [UserID(UUID())]
            let off = try await coupons.add()
            try await coupons.run(SetCouponActive(coupon: off, isActive: false, actor: boss))
            await #expect(throws: CouponsRefusal(.couponInactive)) {
                try await coupons.run(IssueCoupons(coupon: off, users: users, actor: boss))
            }
            await #expect(throws: CouponsRefusal(.couponNotFound)) {
                try await coupons.run(IssueCoupons(coupon: CouponID(UUID()), users: users, actor: boss))
            }
            await #expect(throws: CouponsRefusal.invalid(field: "userIds")) {
                let many = (0...IssueCoupons.userLimit).map { _ in UserID(UUID()) }
                try await coupons.run(IssueCoupons(coupon: off, users: many, actor: boss))
            }
        }
    }
}
