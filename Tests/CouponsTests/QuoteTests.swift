import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Coupons

@Suite struct QuoteTests {
    let buyer = UserID(UUID())

    private func order(_ price: Int64 = 10_000) throws -> WouldBeOrder {
        try WouldBeOrder(lines: [.fixture(unitPrice: price)])
    }

    private func preview(
        _ choice: CouponChoice, _ coupons: ParticipantHarness, price: Int64 = 10_000
    ) async throws -> CouponQuote? {
        let (order, now) = (try order(price), coupons.clock.now())
        return try await coupons.read { try CouponQueries($0).preview(choice, of: buyer, on: order, at: now) }
    }

    @Test func `a preview says what the saga would do, and changes nothing`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(minimum: 5000))
            let typed = try #require(try await preview(.code("Ten"), coupons))
            #expect(typed.copy == nil && typed.discount == Money(1000) && typed.refusal == nil)
            #expect(try await coupons.issued(coupon) == 0)
            let copy = try await coupons.issue(coupon, to: buyer)
            let owned = try #require(try await preview(.owned(copy), coupons))
            #expect(owned.copy?.id == copy && owned.discount == Money(1000))
            #expect(try await preview(.code("TEN"), coupons)?.copy?.id == copy)
            #expect(try await preview(.owned(copy), coupons, price: 4999)?.refusal?.code == .couponMinOrderAmount)
            let facts = OrderFacts.fixture(
                userID: buyer, lines: [.fixture(unitPrice: 10_000)], coupon: .owned(copy))
            let real = try await coupons.deliver(CouponValidationRequested(order: facts))
            #expect(try real.event(CouponValidated.self)?.order.discount == owned.discount)
            #expect(try await preview(.owned(copy), coupons)?.refusal?.code == .couponAlreadyHeld)
        }
    }

    @Test func `what is not the user's is not there, and what he could not claim is refused`() async throws {
        try await withCoupons { coupons in
            let single = try await coupons.add(.fixture(quantity: 1))
            let foreign = try await coupons.issue(single, to: UserID(UUID()))
            #expect(try await preview(.owned(foreign), coupons) == nil)
            #expect(try await preview(.code("NONE"), coupons) == nil)
            #expect(try await preview(.code("TEN"), coupons)?.refusal?.code == .couponOutOfStock)
            try await coupons.run(SetCouponActive(coupon: single, isActive: false, actor: boss))
            #expect(try await preview(.code("TEN"), coupons)?.refusal?.code == .couponInactive)
        }
    }

    @Test func `the best comes first, refused ones last with their reason`() async throws {
        try await withCoupons { coupons in
            func add(_ discount: Discount, minimum: Int64 = 0, days: Int64 = 30) async throws -> UserCouponID {
                let rule = CouponRule.fixture(
                    code: nil, discount: discount, minimum: minimum, validity: .relative(days: days))
                return try await coupons.issue(try await coupons.add(rule), to: buyer)
            }
            let ten = try await add(.percentage(basisPoints: 1000, cap: nil))
            let capped = try await add(.percentage(basisPoints: 5000, cap: Money(300)))
            let best = try await add(.fixed(Money(2500)))
            let sooner = try await add(.fixed(Money(1000)), days: 5)
            let tooSmall = try await add(.fixed(Money(9000)), minimum: 10_001)
            let over = try await add(.fixed(Money(9000)), days: 1)
            coupons.clock.advance(by: .seconds(86_400))
            let (order, now) = (try order(), coupons.clock.now())
            let quotes = try await coupons.read {
                try CouponQueries($0).applicable(to: order, of: buyer, at: now)
            }
            #expect(quotes.map { $0.copy?.id } == [best, sooner, ten, capped, over, tooSmall])
            #expect(quotes.map(\.discount.minorUnits) == [2500, 1000, 1000, 300, 0, 0])
            #expect(quotes.suffix(2).map { $0.refusal?.code } == [.couponExpired, .couponMinOrderAmount])
        }
    }

    @Test func `my coupons come soonest to expire first, by status and by page, expired on read`() async throws {
        try await withCoupons { coupons in
            var copies: [UserCouponID] = []
            for days in [5, 1, 3, 3, 9] as [Int64] {
                let rule = CouponRule.fixture(code: nil, validity: .relative(days: days))
                copies.append(try await coupons.issue(try await coupons.add(rule), to: buyer))
            }
            coupons.clock.advance(by: .seconds(86_400))
            let now = coupons.clock.now()
            func list(_ status: UserCouponStatus? = nil, after: UserCouponID? = nil, limit: Int = 10) async throws
                -> [UserCouponID]
            {
                try await coupons.read {
                    try CouponQueries($0).ownedCoupons(
                        of: buyer, status: status, at: now, after: after, limit: limit)
                }.map(\.copy.id)
            }
            let twins = [copies[2], copies[3]].sorted()
            let all = [copies[1]] + twins + [copies[0], copies[4]]
            #expect(try await list() == all)
            #expect(try await list(.expired) == [copies[1]])
            #expect(try await list(.active) == Array(all.dropFirst()))
            #expect(try await list(.used).isEmpty)
            #expect(try await list(after: twins[0], limit: 2) == [twins[1], copies[0]])
            let soon = try await coupons.copies(of: buyer).filter { $0.expiresSoon(at: now) }
            #expect(Set(soon.map(\.id)) == Set(twins))
        }
    }

    @Test func `history and figures tell what was used, held and given, by day`() async throws {
        try await withCoupons { coupons in
            let start = coupons.clock.now()
            let coupon = try await coupons.add()
            let other = try await coupons.add(.fixture(code: "ONE", discount: .fixed(Money(1))))
            var orders: [OrderFacts] = []
            for code in ["TEN", "ONE"] {
                let order = OrderFacts.fixture(
                    id: OrderID(coupons.ids.next()), userID: buyer, coupon: .code(code))
                try await coupons.deliver(CouponValidationRequested(order: order))
                try await coupons.deliver(OrderCompleted(order: order))
                orders.append(order)
                coupons.clock.advance(by: .seconds(86_400))
            }
            try await coupons.deliver(CouponValidationRequested(order: .fixture(coupon: .code("TEN"))))
            _ = try await coupons.issue(coupon, to: UserID(UUID()))
            let now = coupons.clock.now()
            let last = orders[1].id
            let (uses, page, one, all, top) = try await coupons.read { transaction in
                let queries = CouponQueries(transaction)
                return (
                    try queries.history(of: buyer, limit: 10),
                    try queries.history(of: buyer, before: last, limit: 10),
                    try queries.statistics(of: coupon, days: 30, at: now), try queries.statistics(days: 2, at: now),
                    try queries.mostUsed(limit: 1, at: now)
                )
            }
            #expect(uses.map(\.orderID) == [orders[1].id, orders[0].id])
            #expect(uses.map(\.discount) == [Money(1), Money(100)] && uses[1].final == Money(900))
            #expect(page.map(\.orderID) == [orders[0].id])
            var figures = CouponFigures()
            (figures.issued, figures.active, figures.held, figures.used) = (3, 1, 1, 1)
            figures.discountGiven = Money(100)
            #expect(one.figures == figures)
            #expect(one.days.map(\.day) == [start, start + .seconds(2 * 86_400)])
            #expect(one.days.map(\.issued) == [1, 2] && one.days.map(\.used) == [1, 0])
            #expect(all.figures.used == 2 && all.figures.discountGiven == Money(101))
            #expect(all.days.map(\.issued) == [1, 2])
            #expect(top.map(\.coupon.id) == [coupon] && other != coupon)
        }
    }
}
