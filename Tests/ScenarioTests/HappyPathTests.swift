import Coupons
import Orders
import PurchaseContracts
import SagaChoreography
import Testing

@Suite struct `An order that nothing stops` {
    @Test(arguments: Schedule.all)
    func `is paid, granted and sold, line by line`(schedule: Schedule) async throws {
        let world = try await World(schedule)
        let user = try await world.user(balance: 10_000)
        let (sword, shield) = (try await world.item(price: 1_000), try await world.item(price: 2_500))
        let one = try await world.place(user, [sword: 1])
        let two = try await world.place(user, [sword: 2, shield: 1])
        try await world.finish()

        for order in [one, two] {
            #expect(try await world.order(order).shown == .completed)
            #expect(world.history.sights(of: order).last?.shown == .completed)
            #expect(world.gateway.charges(of: order) == 1)
        }
        let after = try await world.holdings(user, sword, shield)
        #expect(after.available == 10_000 - 1_000 - 4_500)
        #expect(after.captured == 5_500)
        #expect(after.goods == [sword: 3, shield: 1])
        #expect(
            after.stock == [
                sword: .init(stock: 7, reserved: 0, sold: 3), shield: .init(stock: 9, reserved: 0, sold: 1),
            ])
    }

    @Test(arguments: Schedule.all)
    func `charges the discounted amount, with a coupon that is owned or typed`(schedule: Schedule) async throws {
        let world = try await World(schedule)
        let (owner, typist) = (try await world.user(), try await world.user())
        let item = try await world.item(price: 1_000)
        let copy = try await world.copy(of: try await world.coupon(), for: owner)
        _ = try await world.coupon(code: "SPRING", .fixed(Money(300)))
        let owned = try await world.place(owner, [item: 2], coupon: .owned(copy))
        let typed = try await world.place(typist, [item: 2], coupon: .code("spring"))
        #expect(try await world.order(owned).shown == .pending)
        try await world.finish()

        #expect(try await world.order(owned).final == Money(1_800))
        #expect(try await world.order(typed).final == Money(1_700))
        for (user, order, spent) in [(owner, owned, 1_800), (typist, typed, 1_700)] as [(UserID, OrderID, Int64)] {
            #expect(try await world.order(order).shown == .completed)
            let after = try await world.holdings(user)
            #expect(after.available == 100_000 - spent)
            #expect(Array(after.coupons.values) == [.used])
        }
    }

    @Test(arguments: Schedule.modes)
    func `with nothing to pay completes without asking the gateway`(schedule: Schedule) async throws {
        let world = try await World(schedule)
        let user = try await world.user(balance: 0)
        let item = try await world.item(price: 1_000)
        let copy = try await world.copy(
            of: try await world.coupon(.percentage(basisPoints: 10_000, cap: nil)), for: user)
        let order = try await world.place(user, [item: 3], coupon: .owned(copy))
        try await world.finish()

        #expect(try await world.order(order).shown == .completed)
        #expect(try await world.order(order).final == .zero)
        #expect(world.gateway.charges(of: order) == 0)
        #expect(try await world.holdings(user).goods == [item: 3])
    }

    @Test(arguments: Schedule.all)
    func `shares the slot of another order of the same item`(schedule: Schedule) async throws {
        let world = try await World(schedule)
        let user = try await world.user(slots: 1)
        let item = try await world.item()
        let orders = [try await world.place(user, [item: 1]), try await world.place(user, [item: 2])]
        try await world.finish()

        for order in orders { #expect(try await world.order(order).shown == .completed) }
        let after = try await world.holdings(user)
        #expect(after.slotsUsed == 1)
        #expect(after.goods == [item: 3])
    }

    @Test(.onItsOwnNetwork) func `tells its customer once`() async throws {
        let world = try await World(Schedule(mode: .shuffledAndDuplicated, seed: 3))
        let order = try await world.place(try await world.user(), [try await world.item(): 1])
        try await world.finish()
        let messages = try await world.database.read {
            try $0.rows("SELECT state FROM notifications_messages WHERE order_id = \(order)").map {
                try $0.text("state")
            }
        }
        #expect(messages == ["SENT"])
    }
}
