import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaTesting
import Testing

@testable import Orders

@Suite struct CouponStepTests {
    private func validated(_ facts: OrderFacts, discount: Int64 = 500, final: Int64 = 1500) -> CouponValidated {
        var facts = facts
        facts.discount = Money(discount)
        facts.final = Money(final)
        return CouponValidated(order: facts, userCouponID: UserCouponID(UUID()))
    }

    @Test func `a validated coupon freezes the final amount once`() async throws {
        try await withOrders { orders in
            let facts = try await orders.place(coupon: .code("spring"))
            let event = validated(facts)
            let created = try #require(try await orders.deliver(event).event(OrderCreated.self))
            #expect(created.order == event.order)
            let again = try await orders.redeliver()
            #expect(again.disposition == .duplicate)
            #expect(again.types.isEmpty)
            let view = try await orders.view(facts.id)
            #expect(view.final == Money(1500))
            #expect(view.userCouponID == event.userCouponID)
            #expect(view.state == .processing)
        }
    }

    @Test(arguments: [(500, 1600), (-1, 2001), (2500, -500), (Int64.max, 0)] as [(Int64, Int64)])
    func `amounts that do not add up are parked`(discount: Int64, final: Int64) async throws {
        try await withOrders { orders in
            let facts = try await orders.place(coupon: .code("spring"))
            let outcome = try await orders.deliver(validated(facts, discount: discount, final: final))
            #expect(outcome.disposition == .parked)
            #expect(try await orders.view(facts.id).state == .pending)
        }
    }

    @Test func `another total is parked`() async throws {
        try await withOrders { orders in
            var facts = try await orders.place(coupon: .code("spring"))
            facts.total = Money(3000)
            #expect(try await orders.deliver(validated(facts, final: 2500)).disposition == .parked)
        }
    }

    @Test func `a refused coupon fails the order with its code`() async throws {
        try await withOrders { orders in
            let facts = try await orders.place(coupon: .code("spring"))
            let refusal = Refusal(.couponMinOrderAmount, ["minimum": 5000])
            let event = CouponValidationFailed(order: facts, cause: .refused, refusal: refusal)
            let failed = try #require(try await orders.deliver(event).event(OrderFailed.self))
            #expect(failed.refusal == refusal)
            #expect(failed.order == facts)
            #expect(try await orders.redeliver().disposition == .duplicate)
            #expect(try await orders.deliver(validated(facts)).disposition == .ignored)
            #expect(try await orders.view(facts.id).undone == .init(done: 0, of: 4))
        }
    }

    @Test func `a coupon validated after the cancellation starts nothing`() async throws {
        try await withOrders { orders in
            let facts = try await orders.place(coupon: .code("spring"))
            try await orders.run(CancelOrder(order: facts.id, requestedBy: .user(OrdersFixture.user)))
            let outcome = try await orders.deliver(validated(facts))
            #expect(outcome.disposition == .ignored)
            #expect(outcome.types.isEmpty)
            #expect(try await orders.view(facts.id).final == Money(2000))
        }
    }
}
