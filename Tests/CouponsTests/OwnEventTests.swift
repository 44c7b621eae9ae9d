import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Coupons

@Suite struct OwnEventTests {
    let buyer = UserID(UUID())

    @Test func `a coupon is announced when it is made and when it is switched, once each`() async throws {
        try await withCoupons { coupons in
            let made = try await coupons.run(CreateCoupon(rule: .fixture(quantity: 7), isActive: false, actor: boss))
            let created = try #require(try made.event(CouponCreated.self))
            #expect(created.couponID == made.outcome.id && created.code == "ten" && created.totalQuantity == 7)
            #expect(!created.isActive && !made.outcome.isActive)
            for (isActive, types) in [
                (true, [CouponStatusChanged.type]), (true, []), (false, [CouponStatusChanged.type]),
            ] {
                let command = SetCouponActive(coupon: made.outcome.id, isActive: isActive, actor: boss)
                #expect(try await coupons.run(command).types == types)
            }
        }
    }

    @Test func `a copy is announced with its way, and none of these events waits for a settlement`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            let claimed = try await coupons.run(ClaimCoupon(.coupon(coupon), user: buyer))
            let event = try #require(try claimed.event(CouponIssued.self))
            #expect(event.way == .claimed && event.remaining == 99)
            let copy = claimed.outcome.copy
            #expect(event.copies == [.init(id: copy.id, userID: buyer, expiresAt: copy.period.until)])
            let given = try await coupons.run(IssueCoupon(coupon: coupon, user: UserID(UUID()), actor: boss))
            #expect(try given.event(CouponIssued.self)?.way == .given)
            #expect((claimed.emitted + given.emitted).allSatisfy { $0.subject == nil })
            let order = OrderFacts.fixture(coupon: .code("TEN"))
            let held = try await coupons.deliver(CouponValidationRequested(order: order))
            #expect(held.types == [CouponValidated.type, CouponHeld.type, CouponIssued.type])
            #expect(try held.event(CouponIssued.self)?.way == .ordered)
            #expect(try held.event(CouponHeld.self)?.order.discount == Money(100))
        }
    }

    @Test func `low stock is told once on the way down, and the last copy is told as the last`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(quantity: 20))
            var told: [Int64: EventType] = [:]
            for left in (0..<20).reversed() {
                let result = try await coupons.run(IssueCoupon(coupon: coupon, user: UserID(UUID()), actor: boss))
                told[Int64(left)] = result.types.first { $0 != CouponIssued.type }
            }
            #expect(told == [2: CouponLowStock.type, 0: CouponOutOfStock.type])
        }
    }

    @Test func `a larger quantity is a new way down`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(quantity: 1))
            let last = try await coupons.run(ClaimCoupon(.coupon(coupon), user: buyer))
            #expect(last.types == [CouponIssued.type, CouponOutOfStock.type])
            let more = ChangeCoupon(coupon: coupon, change: .init(totalQuantity: 10), actor: boss)
            #expect(try await coupons.run(more).types == [])
            for _ in 0..<7 { try await coupons.run(IssueCoupon(coupon: coupon, user: UserID(UUID()), actor: boss)) }
            let low = try await coupons.run(IssueCoupon(coupon: coupon, user: UserID(UUID()), actor: boss))
            #expect(low.types == [CouponIssued.type, CouponLowStock.type])
            let fewer = ChangeCoupon(coupon: coupon, change: .init(totalQuantity: 9), actor: boss)
            #expect(try await coupons.run(fewer).types == [CouponOutOfStock.type])
        }
    }

    @Test func `a copy given back is announced, as expired if its time has passed`() async throws {
        try await withCoupons { coupons in
            _ = try await coupons.add()
            let order = OrderFacts.fixture(userID: buyer, coupon: .code("TEN"))
            try await coupons.deliver(CouponValidationRequested(order: order))
            coupons.clock.advance(by: .seconds(31 * 86_400))
            let undone = try await coupons.deliver(Undo.orderFailed.event(order))
            #expect(undone.types == [CouponReleased.type, CouponUsageCancelled.type, CouponExpired.type])
            #expect(try undone.event(CouponExpired.self)?.copies.map(\.userID) == [buyer])
            #expect(try await coupons.deliver(Undo.orderFailed.event(order)).types == [CouponReleased.type])
        }
    }

    @Test func `an order that finds its copy expired labels it, once`() async throws {
        try await withCoupons { coupons in
            let copy = try await coupons.issue(try await coupons.add(), to: buyer)
            coupons.clock.advance(by: .seconds(31 * 86_400))
            for types in [[CouponValidationFailed.type, CouponExpired.type], [CouponValidationFailed.type]] {
                let order = OrderFacts.fixture(
                    userID: buyer, coupon: .owned(copy), orderedAt: coupons.clock.now())
                #expect(try await coupons.deliver(CouponValidationRequested(order: order)).types == types)
            }
        }
    }
}
