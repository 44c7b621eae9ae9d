import Coupons
import FoundationEssentials
import Orders
import PurchaseContracts
import SagaChoreography
import Testing

/// A coupon that may not be used on an order of one item at 1,000.
enum UnusableCoupon: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case unknownCopy, unknownCode, anotherUsersCopy, inactive, notYetValid, expired, soldOut, used, held
    case belowMinimum, otherItems, worthNothing

    var testDescription: String { rawValue }

    var code: RefusalCode {
        switch self {
        case .unknownCopy, .unknownCode, .anotherUsersCopy: .couponNotFound
        case .inactive: .couponInactive
        case .notYetValid: .couponNotYetValid
        case .expired: .couponExpired
        case .soldOut: .couponOutOfStock
        case .used: .couponAlreadyUsed
        case .held: .couponAlreadyHeld
        case .belowMinimum: .couponMinOrderAmount
        case .otherItems: .couponNoApplicableItems
        case .worthNothing: .couponNoDiscount
        }
    }

    /// Brings it about.
    func choice(of user: UserID, for item: ItemID, in world: World) async throws -> CouponChoice {
        func owned(_ coupon: CouponID) async throws -> CouponChoice {
            .owned(try await world.copy(of: coupon, for: user))
        }
        switch self {
        case .unknownCopy: return .owned(UserCouponID(world.ids.next()))
        case .unknownCode: return .code("NOSUCH")
        case .anotherUsersCopy:
            return .owned(try await world.copy(of: try await world.coupon(), for: try await world.user()))
        case .inactive:
            let coupon = try await world.coupon()
            let choice = try await owned(coupon)
            _ = try await world.system.commands(of: CouponsParticipant.service).run(
                SetCouponActive(coupon: coupon, isActive: false, actor: World.admin))
            return choice
        case .notYetValid:
            let now = world.clock.now()
            return try await owned(
                try await world.coupon(validity: .absolute(from: now + .seconds(60), until: now + .seconds(120))))
        case .expired:
            let choice = try await owned(try await world.coupon(validity: .relative(days: 1)))
            world.clock.advance(by: .seconds(86_400))
            return choice
        case .soldOut:
            let coupon = try await world.coupon(code: "FEW", quantity: 1)
            _ = try await world.copy(of: coupon, for: try await world.user())
            return .code("FEW")
        case .used, .held:
            let choice = try await owned(try await world.coupon())
            let first = try await world.place(user, [item: 1], coupon: choice)
            let silentUntil = world.clock.now() + .seconds(30)
            if self == .held { world.gateway.script(first) { $0.silentUntil = silentUntil } }
            try await world.run(for: .seconds(20))
            return choice
        case .belowMinimum: return try await owned(try await world.coupon(minimum: 1_001))
        case .otherItems: return try await owned(try await world.coupon(scope: .items([ItemID(world.ids.next())])))
        case .worthNothing: return try await owned(try await world.coupon(.percentage(basisPoints: 1, cap: nil)))
        }
    }
}

@Suite struct `A coupon that may not be used` {
    @Test(
        arguments: UnusableCoupon.allCases,
        [Schedule(mode: .embedded, seed: 1), Schedule(mode: .shuffledAndDuplicated, seed: 5)])
    func `fails the order before anything is taken`(unusable: UnusableCoupon, schedule: Schedule) async throws {
        let world = try await World(schedule)
        let user = try await world.user()
        let item = try await world.item(price: 1_000)
        let choice = try await unusable.choice(of: user, for: item, in: world)
        let before = try await world.holdings(user, item)

        let order = try await world.place(user, [item: 1], coupon: choice)
        try await world.run(for: .seconds(8))
        let view = try await world.order(order)
        #expect(view.state == .failed)
        #expect(view.cause == .refused)
        #expect(view.refusal?.code == unusable.code)
        var after = try await world.holdings(user, item)
        if unusable == .expired { after.coupons = before.coupons }  // The label follows the clock.
        #expect(after == before)
        try await world.finish()
        #expect(try await world.order(order).shown == .failed)
    }

    @Test(.onItsOwnNetwork) func `was given back by a failed order and serves the next`() async throws {
        let world = try await World()
        let user = try await world.user()
        let item = try await world.item()
        let coupon = try await world.coupon(code: "AGAIN", quantity: 1)
        let first = try await world.place(user, [item: 99], coupon: .code("AGAIN"))
        try await world.runUntilRest()
        #expect(try await world.order(first).refusal?.code == .insufficientStock)
        let second = try await world.place(user, [item: 1], coupon: .code("AGAIN"))
        try await world.finish()
        #expect(try await world.order(second).shown == .completed)
        let issued = try await world.database.read { try CouponQueries($0).coupon(coupon)?.issued }
        #expect(issued == 1)
    }
}
