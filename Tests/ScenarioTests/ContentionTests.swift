import Coupons
import Orders
import PurchaseContracts
import SagaChoreography
import Testing
import Users

@Suite struct `Many at once` {
    /// Runs `body` `count` times at the same time.
    private func atOnce<Result: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: Result.self) { group in
            for index in 0..<count { group.addTask { try await body(index) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func states(_ orders: [OrderID], in world: World) async throws -> [OrderState: Int] {
        try await world.database.read { transaction in
            let settled = try OrderQueries(transaction).settlement(of: orders)
            return Dictionary(grouping: settled.values, by: \.state).mapValues(\.count)
        }
    }

    @Test(
        arguments: [
            (Schedule(mode: .embedded, seed: 1), 500), (Schedule(mode: .duplicated, seed: 1), 150),
            (Schedule(mode: .shuffledAndDuplicated, seed: 9), 100),
        ])
    func `buyers get exactly the 50 pieces there are`(schedule: Schedule, buyers: Int) async throws {
        let world = try await World(schedule)
        let item = try await world.item(price: 1_000, stock: 50)
        let users = try await atOnce(buyers) { _ in try await world.user(balance: 1_000) }
        let orders = try await atOnce(buyers) { try await world.placement(users[$0], [item: 1]).order.id }
        try await world.finish()

        #expect(try await states(orders, in: world) == [.completed: 50, .failed: buyers - 50])
        #expect(try await world.holdings(users[0], item).stock[item] == .init(stock: 0, reserved: 0, sold: 50))
        let refusals = try await world.database.read { transaction in
            Set(try orders.compactMap { try OrderQueries(transaction).order($0)?.refusal?.code })
        }
        #expect(refusals == [.insufficientStock])
    }

    @Test(
        arguments: [
            (Schedule(mode: .embedded, seed: 1), 200), (Schedule(mode: .shuffledAndDuplicated, seed: 9), 40),
        ])
    func `a coupon of quantity 10 that many users type serves 10`(schedule: Schedule, count: Int) async throws {
        let world = try await World(schedule)
        let item = try await world.item(price: 1_000, stock: 1_000)
        let coupon = try await world.coupon(code: "TEN", quantity: 10)
        let users = try await atOnce(count) { _ in try await world.user(balance: 1_000) }
        let orders = try await atOnce(count) {
            try await world.placement(users[$0], [item: 1], coupon: .code("ten")).order.id
        }
        try await world.finish()

        #expect(try await states(orders, in: world) == [.completed: 10, .failed: count - 10])
        let (issued, used) = try await world.database.read { transaction in
            let copies = try users.flatMap { try CouponQueries(transaction).userCoupons(of: $0) }
            return (try CouponQueries(transaction).coupon(coupon)?.issued, copies.filter { $0.status == .used }.count)
        }
        #expect(issued == 10)
        #expect(used == 10)
    }

    @Test(arguments: Schedule.modes)
    func `orders of one wallet never spend more than it has`(schedule: Schedule) async throws {
        let world = try await World(schedule)
        let user = try await world.user(balance: 5_500)
        let item = try await world.item(price: 1_000, stock: 100)
        let orders = try await atOnce(12) { _ in try await world.placement(user, [item: 1]).order.id }
        try await world.finish()

        #expect(try await states(orders, in: world) == [.completed: 5, .failed: 7])
        #expect(try await world.holdings(user).available == 500)
    }

    @Test(arguments: Schedule.modes)
    func `requests with one idempotency key make one order`(schedule: Schedule) async throws {
        let world = try await World(schedule)
        let user = try await world.user(balance: 1_000)
        let item = try await world.item(price: 1_000)
        let placements = try await atOnce(50) { _ in try await world.placement(user, [item: 1], key: "once") }
        try await world.finish()

        #expect(Set(placements.map(\.order.id)).count == 1)
        #expect(placements.filter(\.isReplay).count == 49)
        let after = try await world.holdings(user, item)
        #expect(after.available == 0)
        #expect(after.goods == [item: 1])
        let replay = try await world.placement(user, [item: 1], key: "once")
        #expect(replay.isReplay && replay.order.shown == .completed)
    }

    @Test func `deposits with one key are one`() async throws {
        let world = try await World(Schedule(mode: .embedded, seed: 1))
        let user = try await world.user(balance: 0)
        let receipts = try await atOnce(50) { _ in
            try await world.system.commands(of: UsersParticipant.service).run(
                Deposit(user: user, amount: Money(700), reason: "card", key: "deposit-1"))
        }
        #expect(Set(receipts.map(\.entryID)).count == 1)
        #expect(receipts.filter(\.isRepeat).count == 49)
        #expect(try await world.holdings(user).available == 700)
        try await world.finish()
    }
}
