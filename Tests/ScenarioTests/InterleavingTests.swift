import Orders
import Payments
import PurchaseApp
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaTesting
import Synchronization
import TestEngines
import TestServers
import Testing

/// Races inside PostgreSQL's READ COMMITTED: two instances of every service work on the same deliveries and rows, and a seed
/// decides whose statement is next. Always on PostgreSQL, with a network of the tests' own, so once is enough.
@Suite(
    .enabled(if: PostgresServer.requirement.allowsTests, "\(PostgresServer.requirement.explanation)"),
    .enabled(if: TestEngine.isSQLite, "it ran with the tests on SQLite"))
struct `Two processes on one PostgreSQL` {
    @Test(.onItsOwnNetwork) func `end every order once and soundly, however their statements are interleaved`()
        async throws
    {
        var (different, waits) = (0, 0)
        for seed in 1...10 as ClosedRange<UInt64> {
            let interleaver = try await Self.play(seed)
            different += interleaver.interleavings.different
            waits += interleaver.waits
        }
        #expect(different >= 200, "only \(different) interleavings")
        #expect(waits > 0, "nobody ever waited for a lock")
    }

    private static func play(_ seed: UInt64) async throws -> Interleaver {
        let database = try await TestEngine.postgresDatabase()
        let world = try await World(Schedule(mode: .inOrder, seed: seed), on: database)
        let item = try await world.item(price: 1_000, stock: 3)
        let coupon = try await world.coupon(code: "TWO", quantity: 2)
        _ = coupon
        var orders: [(OrderID, UserID)] = []
        for _ in 0..<2 {
            // Money for two orders of three, slots for two, pieces for three, coupons for two.
            let user = try await world.user(balance: 2_000, slots: 2)
            for number in 0..<3 {
                let choice: CouponChoice? = number == 0 ? .code("two") : nil
                orders.append((try await world.place(user, [item: 1], coupon: choice), user))
            }
        }

        let interleaver = Interleaver(seed: seed, observer: try await TestEngine.observer())
        let everything = orders
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await interleaver.conduct() }
            try await withThrowingTaskGroup(of: Void.self) { instances in
                for number in 1...2 {
                    let instance = world.instance(
                        on: SteppedDatabase(base: database, interleaver: interleaver, number: number))
                    instances.addTask {
                        try await work(
                            world, instance, number, SeededRandom(seed: seed &* 10 &+ UInt64(number)), everything)
                    }
                }
                try await instances.waitForAll()
            }
            interleaver.end()
            try await group.waitForAll()
        }
        try await world.finish()
        return interleaver
    }

    /// Polls activities in an order of its own, and cancels now and then.
    private static func work(
        _ world: World, _ instance: PurchaseSystem, _ number: Int, _ random: SeededRandom,
        _ orders: [(id: OrderID, user: UserID)]
    ) async throws {
        for round in 0..<160 {
            let activity = instance.activities[random.below(instance.activities.count)]
            do {
                if try await activity.poll() != .worked, number == 1 { world.clock.advance(by: .milliseconds(20)) }
                if round % 40 == 20 {
                    let order = orders[random.below(orders.count)]
                    _ = try await instance.commands(of: "orders").run(
                        CancelOrder(order: order.id, requestedBy: .user(order.user)))
                }
            } catch SagaFault.unavailable {
                // As live: it pauses and is polled again.
                continue
            }
            world.pulse.beat()
        }
    }
}
