import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Coupons

@Suite struct HoldCouponTests {
    let buyer = UserID(UUID())

    private func order(_ copy: UserCouponID, lines: [OrderLine] = [.fixture(unitPrice: 10_000)]) -> OrderFacts {
        .fixture(userID: buyer, lines: lines, coupon: .owned(copy))
    }

    @Test func `a copy is held and the discount frozen, once, however often delivered`() async throws {
        try await withCoupons { coupons in
            let copy = try await coupons.issue(try await coupons.add(), to: buyer)
            let order = order(copy)
            let outcome = try await coupons.deliver(CouponValidationRequested(order: order))
            #expect(outcome.types == [CouponValidated.type, CouponHeld.type])
            let validated = try #require(try outcome.event(CouponValidated.self))
            #expect(validated.userCouponID == copy)
            #expect(validated.order.total == Money(10_000))
            #expect(validated.order.discount == Money(1000))
            #expect(validated.order.final == Money(9000))
            #expect(try await coupons.redeliver().disposition == .duplicate)
            let held = try await coupons.copy(copy)
            #expect(held?.status == .held)
            #expect(held?.orderID == order.id)
            let settlement = try await coupons.settlement(of: order)
            #expect(settlement?.isHeld == true)
            #expect(settlement?.discount == Money(1000))
            #expect(settlement?.isUsageConfirmed == false)
        }
    }

    @Test func `a code claims the copy first, without regard to case, once`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(code: "Discount10"))
            let order = OrderFacts.fixture(userID: buyer, coupon: .code("dIsCoUnT10"))
            #expect(try await coupons.refusal(of: order) == nil)
            #expect(try await coupons.issued(coupon) == 1)
            #expect(try await coupons.copies(of: buyer).map(\.status) == [.held])
            try await coupons.deliver(Undo.orderFailed.event(order))
            // It stays claimed, and the next order takes the same copy.
            let next = OrderFacts.fixture(userID: buyer, coupon: .code("DISCOUNT10"))
            #expect(try await coupons.refusal(of: next) == nil)
            #expect(try await coupons.issued(coupon) == 1)
        }
    }

    @Test func `a code that is refused after the claim stays claimed`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(minimum: 5000))
            let order = OrderFacts.fixture(userID: buyer, coupon: .code("TEN"))
            let refusal = try await coupons.refusal(of: order)
            #expect(refusal == Refusal(.couponMinOrderAmount, ["minimum": 5000, "total": 1000]))
            #expect(try await coupons.copies(of: buyer).map(\.status) == [.active])
            #expect(try await coupons.issued(coupon) == 1)
            #expect(try await coupons.redeliver().disposition == .duplicate)
        }
    }

    @Test func `a code is issued to as many users as there are copies`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(quantity: 3))
            let orders = (0..<5).map { _ in OrderFacts.fixture(userID: UserID(UUID()), coupon: .code("ten")) }
            let outcomes = try await coupons.deliverBatch(orders.map { CouponValidationRequested(order: $0) })
            #expect(outcomes.map(\.disposition) == [.applied, .applied, .applied, .refused, .refused])
            #expect(try outcomes[4].event(CouponValidationFailed.self)?.refusal.code == .couponOutOfStock)
            #expect(try await coupons.issued(coupon) == 3)
        }
    }

    @Test func `two orders never hold one copy, and a used one is used up`() async throws {
        try await withCoupons { coupons in
            let copy = try await coupons.issue(try await coupons.add(), to: buyer)
            let first = order(copy)
            #expect(try await coupons.refusal(of: first) == nil)
            #expect(try await coupons.refusal(of: order(copy))?.code == .couponAlreadyHeld)
            try await coupons.deliver(OrderCompleted(order: first))
            #expect(try await coupons.refusal(of: order(copy))?.code == .couponAlreadyUsed)
        }
    }

    @Test func `what the user does not have is not found`() async throws {
        try await withCoupons { coupons in
            let foreign = try await coupons.issue(try await coupons.add(), to: UserID(UUID()))
            #expect(try await coupons.refusal(of: order(foreign))?.code == .couponNotFound)
            #expect(try await coupons.refusal(of: order(UserCouponID(UUID())))?.code == .couponNotFound)
            let unknown = OrderFacts.fixture(userID: buyer, coupon: .code("NONE"))
            #expect(try await coupons.refusal(of: unknown)?.code == .couponNotFound)
            #expect(try await coupons.copy(foreign)?.status == .active)
        }
    }

    @Test func `an inactive coupon is refused, by copy and by code`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            let copy = try await coupons.issue(coupon, to: buyer)
            try await coupons.run(SetCouponActive(coupon: coupon, isActive: false, actor: boss))
            #expect(try await coupons.refusal(of: order(copy))?.code == .couponInactive)
            let stranger = OrderFacts.fixture(userID: UserID(UUID()), coupon: .code("TEN"))
            #expect(try await coupons.refusal(of: stranger)?.code == .couponInactive)
            #expect(try await coupons.issued(coupon) == 1)
        }
    }

    @Test(
        arguments: [
            (-1, .couponNotYetValid), (0, nil), (9_999, nil), (10_000, .couponExpired), (20_000, .couponExpired),
        ] as [(Int64, RefusalCode?)])
    func `it must be valid at order time, to the millisecond`(offset: Int64, expected: RefusalCode?) async throws {
        try await withCoupons { coupons in
            let start = coupons.clock.now() + .seconds(60)
            let coupon = try await coupons.add(
                .fixture(validity: .absolute(from: start, until: start + .milliseconds(10_000))))
            let copy = try await coupons.issue(coupon, to: buyer)
            // Delivered long after, as after an outage: the time of the order decides.
            coupons.clock.advance(by: .seconds(86_400))
            let facts = OrderFacts.fixture(
                userID: buyer, coupon: .owned(copy), orderedAt: start + .milliseconds(offset))
            #expect(try await coupons.refusal(of: facts)?.code == expected)
            let status: UserCouponStatus = expected == nil ? .held : expected == .couponExpired ? .expired : .active
            #expect(try await coupons.copy(copy)?.status == status)
        }
    }

    @Test func `only the lines in scope are reduced`() async throws {
        let (food, sword) = (CategoryID(UUID()), ItemID(UUID()))
        let lines = [
            OrderLine.fixture(itemID: sword, unitPrice: 300, quantity: 2),
            OrderLine.fixture(unitPrice: 1000, quantity: 3, categoryID: food),
        ]
        let half = Discount.percentage(basisPoints: 5000, cap: nil)
        for (scope, expected) in [
            (CouponScope.all, 1800), (.items([sword]), 300), (.categories([food]), 1500),
        ] as [(CouponScope, Int64)] {
            try await withCoupons { coupons in
                let coupon = try await coupons.add(.fixture(discount: half, scope: scope))
                let facts = order(try await coupons.issue(coupon, to: buyer), lines: lines)
                let outcome = try await coupons.deliver(CouponValidationRequested(order: facts))
                #expect(try outcome.event(CouponValidated.self)?.order.discount == Money(expected))
            }
        }
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(scope: .items([ItemID(UUID())])))
            let facts = order(try await coupons.issue(coupon, to: buyer), lines: lines)
            #expect(try await coupons.refusal(of: facts)?.code == .couponNoApplicableItems)
        }
    }

    @Test func `a discount of nothing is refused and uses nothing`() async throws {
        try await withCoupons { coupons in
            let copy = try await coupons.issue(
                try await coupons.add(.fixture(discount: .percentage(basisPoints: 1, cap: nil))), to: buyer)
            #expect(
                try await coupons.refusal(of: order(copy, lines: [.fixture(unitPrice: 100)]))?.code
                    == .couponNoDiscount)
            #expect(try await coupons.copy(copy)?.status == .active)
            #expect(try await coupons.usages() == 0)
        }
    }

    @Test func `a fixed discount above the total makes the order free, never negative`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(discount: .fixed(Money(5000))))
            let facts = order(try await coupons.issue(coupon, to: buyer), lines: [.fixture(unitPrice: 400)])
            let outcome = try await coupons.deliver(CouponValidationRequested(order: facts))
            #expect(try outcome.event(CouponValidated.self)?.order.final == .zero)
            #expect(try outcome.event(CouponValidated.self)?.order.discount == Money(400))
        }
    }

    @Test func `a request for an order without coupon is a broken contract`() async throws {
        try await withCoupons { coupons in
            let outcome = try await coupons.deliver(CouponValidationRequested(order: .fixture()))
            #expect(outcome.disposition == .parked)
        }
    }
}
