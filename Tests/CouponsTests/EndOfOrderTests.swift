import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Coupons

@Suite struct EndOfOrderTests {
    let buyer = UserID(UUID())

    /// An order that holds a copy, and the copy.
    private func held(_ coupons: ParticipantHarness) async throws -> (OrderFacts, UserCouponID) {
        let copy = try await coupons.issue(try await coupons.add(), to: buyer)
        let order = OrderFacts.fixture(userID: buyer, coupon: .owned(copy))
        try await coupons.deliver(CouponValidationRequested(order: order))
        return (order, copy)
    }

    @Test(arguments: Undo.allCases)
    func `a held copy is given back, and every request is answered`(undo: Undo) async throws {
        try await withCoupons { coupons in
            let (order, copy) = try await held(coupons)
            for types in [[CouponReleased.type, CouponUsageCancelled.type], [CouponReleased.type]] {
                #expect(try await coupons.deliver(undo.event(order)).types == types)
                #expect(try await coupons.copy(copy)?.status == .active)
                #expect(try await coupons.copy(copy)?.orderID == nil)
            }
            #expect(try await coupons.redeliver().types == [CouponReleased.type])
            #expect(try await coupons.settlement(of: order)?.state == .released)
            #expect(try await coupons.usages() == 0)
            let late = try await coupons.deliver(CouponValidationRequested(order: order))
            #expect(late.disposition == .duplicate)
            #expect(try await coupons.copy(copy)?.status == .active)
        }
    }

    @Test func `a hold outlives the expiry; given back after it the copy is expired`() async throws {
        try await withCoupons { coupons in
            let (order, copy) = try await held(coupons)
            coupons.clock.advance(by: .seconds(30 * 86_400))
            #expect(try await coupons.copy(copy)?.status == .held)
            try await coupons.deliver(Undo.orderFailed.event(order))
            #expect(try await coupons.copy(copy)?.status == .expired)
            let late = OrderFacts.fixture(userID: buyer, coupon: .owned(copy), orderedAt: coupons.clock.now())
            #expect(try await coupons.refusal(of: late)?.code == .couponExpired)
        }
    }

    @Test(arguments: Undo.allCases)
    func `an undo that comes first leaves a tombstone, and the late validation does nothing`(undo: Undo) async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            let order = OrderFacts.fixture(userID: buyer, coupon: .code("TEN"))
            #expect(try await coupons.deliver(undo.event(order)).types == [CouponReleased.type])
            let late = try await coupons.deliver(CouponValidationRequested(order: order))
            #expect(late.disposition == .ignored)
            #expect(late.types.isEmpty)
            #expect(try await coupons.settlement(of: order)?.state == .tombstone)
            #expect(try await coupons.issued(coupon) == 0)
            #expect(try await coupons.deliver(undo.event(order)).types == [CouponReleased.type])
        }
    }

    @Test(arguments: Undo.allCases)
    func `a rejected order has nothing to give back, but answers`(undo: Undo) async throws {
        try await withCoupons { coupons in
            let order = OrderFacts.fixture(userID: buyer, coupon: .code("NONE"))
            try await coupons.deliver(CouponValidationRequested(order: order))
            #expect(try await coupons.deliver(undo.event(order)).types == [CouponReleased.type])
            #expect(try await coupons.settlement(of: order)?.state == .rejected)
        }
    }

    @Test func `an order without coupon is none of its business`() async throws {
        try await withCoupons { coupons in
            let order = OrderFacts.fixture(userID: buyer)
            let events: [any Event] = Undo.allCases.map { $0.event(order) } + [OrderCompleted(order: order)]
            for event in events {
                let outcome = try await coupons.deliver(event)
                #expect(outcome.disposition == .ignored)
                #expect(outcome.types.isEmpty)
            }
            #expect(try await coupons.settlement(of: order) == nil)
        }
    }

    @Test func `a completed order uses its copy up, and says so whenever asked`() async throws {
        try await withCoupons { coupons in
            let (order, copy) = try await held(coupons)
            #expect(try await coupons.deliver(OrderCompleted(order: order)).types == [CouponUsed.type])
            #expect(try await coupons.redeliver().types == [CouponUsed.type])
            #expect(try await coupons.copy(copy)?.status == .used)
            let settlement = try await coupons.settlement(of: order)
            #expect(settlement?.state == .used)
            #expect(settlement?.isUsageConfirmed == true)
            #expect(try await coupons.usages() == 1)
            // The table has no row for an undo of what is used.
            let undo = try await coupons.deliver(Undo.orderFailed.event(order))
            #expect(undo.disposition == .ignored)
            #expect(try await coupons.copy(copy)?.status == .used)
        }
    }

    @Test(arguments: [HoldState.released, .tombstone, .rejected, nil])
    func `completion without a held copy is an alarm`(state: HoldState?) async throws {
        try await withCoupons { coupons in
            var order = OrderFacts.fixture(userID: buyer, coupon: .code("NONE"))
            switch state {
            case .released:
                order = try await held(coupons).0
                try await coupons.deliver(Undo.orderFailed.event(order))
            case .tombstone: try await coupons.deliver(Undo.orderFailed.event(order))
            case .rejected: try await coupons.deliver(CouponValidationRequested(order: order))
            default: break
            }
            let outcome = try await coupons.deliver(OrderCompleted(order: order))
            #expect(outcome.disposition == .parked)
            guard case .permanent(.alarm, _) = outcome.fault else {
                Issue.record("expected an alarm, found \(String(describing: outcome.fault))")
                return
            }
            #expect(try await coupons.settlement(of: order)?.state == state)
        }
    }

    @Test func `settlement closes the row`() async throws {
        try await withCoupons { coupons in
            let (order, _) = try await held(coupons)
            try await coupons.deliver(OrderCompleted(order: order))
            #expect(try await coupons.deliver(OrderSettled(orderID: order.id)).disposition == .applied)
            #expect(try await coupons.settlement(of: order)?.isClosed == true)
        }
    }

    /// Orders compete for two copies; each order's events are shuffled and repeated.
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `no order of duplicated deliveries breaks an invariant`(seed: UInt64) async throws {
        try await withCoupons(seed: seed) { coupons in
            let coupon = try await coupons.add(.fixture(quantity: 2))
            var deck: [(turn: UInt64, event: any Event)] = []
            for _ in 0..<6 {
                let order = OrderFacts.fixture(userID: UserID(UUID()), coupon: .code("TEN"))
                let undo = Undo.allCases[Int(coupons.random.next() % 2)]
                for event in [CouponValidationRequested(order: order), undo.event(order)] as [any Event] {
                    for _ in 0...(coupons.random.next() % 2) { deck.append((coupons.random.next(), event)) }
                }
            }
            for entry in deck.sorted(by: { $0.turn < $1.turn }) {
                try await coupons.deliver(entry.event)
                #expect(try await coupons.violations().isEmpty)
            }
            #expect(try await coupons.issued(coupon) ?? 3 <= 2)
            #expect(try await coupons.usages() == 0)
        }
    }
}
