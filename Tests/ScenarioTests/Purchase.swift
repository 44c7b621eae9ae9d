import Orders
import PurchaseContracts
import SagaChoreography
import Testing

/// A step whose event is held back.
struct StuckStep: Sendable, CustomTestStringConvertible {
    let group: ServiceID
    let type: EventType

    var testDescription: String { "\(group) waits for \(type)" }

    /// Every step before the gateway is called.
    static let all = [
        StuckStep(group: "coupons", type: CouponValidationRequested.type),
        StuckStep(group: "orders", type: CouponValidated.type),
        StuckStep(group: "users", type: OrderCreated.type),
        StuckStep(group: "inventory", type: PaymentReserved.type),
        StuckStep(group: "items", type: InventoryReserved.type),
        StuckStep(group: "payments", type: ItemReserved.type),
    ]
}

/// What the gateway says to a charge, and to the refund if one is asked for.
enum GatewayEnd: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case captured, declined, refundRefused

    var testDescription: String { rawValue }

    func apply(to script: inout ScriptedGateway.Script) {
        script.captures = self != .declined
        script.refunds = self != .refundRefused
    }
}

/// A user with a coupon, an item he wants, and what both had before he ordered.
struct Buyer {
    let user: UserID
    let item: ItemID
    let copy: UserCouponID
    let before: Holdings

    init(in world: World) async throws {
        user = try await world.user(balance: 10_000)
        item = try await world.item(price: 1_000)
        copy = try await world.copy(of: try await world.coupon(), for: user)
        before = try await world.holdings(user, item)
    }
}

/// Two pieces for 1,800, ordered by a buyer of his own.
struct Purchase {
    let user: UserID
    let item: ItemID
    let order: OrderID
    let before: Holdings

    init(in world: World) async throws { try await self.init(by: try await Buyer(in: world), in: world) }

    init(by buyer: Buyer, in world: World) async throws {
        (user, item, before) = (buyer.user, buyer.item, buyer.before)
        order = try await world.place(user, [item: 2], coupon: .owned(buyer.copy))
    }

    /// Two purchases that begin at the same moment.
    static func two(in world: World) async throws -> (Purchase, Purchase) {
        let buyers = (try await Buyer(in: world), try await Buyer(in: world))
        return (try await Purchase(by: buyers.0, in: world), try await Purchase(by: buyers.1, in: world))
    }

    /// The order ended undone, for this reason, and everything is back.
    func expectUndone(
        _ state: OrderState, _ cause: Cause, _ code: RefusalCode, in world: World,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let view = try await world.order(order)
        #expect(view.shown == state, sourceLocation: sourceLocation)
        #expect(view.cause == cause, sourceLocation: sourceLocation)
        #expect(view.refusal?.code == code, sourceLocation: sourceLocation)
        #expect(try await world.holdings(user, item) == before, sourceLocation: sourceLocation)
    }

    /// The order was completed and reversed: money, goods, slots and stock are as before, and the coupon is spent.
    func expectRefunded(in world: World, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let view = try await world.order(order)
        #expect(view.shown == .refunded, sourceLocation: sourceLocation)
        #expect(view.refund?.state == .refunded, sourceLocation: sourceLocation)
        var expected = before
        expected.captured = 1_800
        expected.refunded = 1_800
        expected.stock[item]?.sold = 2
        expected.coupons = expected.coupons.mapValues { _ in .used }
        #expect(try await world.holdings(user, item) == expected, sourceLocation: sourceLocation)
    }

    /// The order was completed, once.
    func expectCompleted(in world: World, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try await world.order(order).shown == .completed, sourceLocation: sourceLocation)
        let after = try await world.holdings(user, item)
        #expect(after.available == 8_200, sourceLocation: sourceLocation)
        #expect(after.goods == [item: 2], sourceLocation: sourceLocation)
        #expect(Array(after.coupons.values) == [.used], sourceLocation: sourceLocation)
    }
}
