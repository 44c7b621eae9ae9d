import Notifications
import Payments
import PurchaseContracts
import SQLCore
import SagaChoreography
import TestEngines
import TestServers
import Testing

/// Workers of several processes that take what is due from one PostgreSQL.
@Suite(.enabled(if: PostgresServer.requirement.allowsTests, "\(PostgresServer.requirement.explanation)"))
struct `Several workers on one PostgreSQL` {
    private func atOnce<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> [Result]
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: [Result].self) { group in
            for _ in 0..<8 { group.addTask { try await body() } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    @Test(.onItsOwnNetwork) func `take each payment once`() async throws {
        let world = try await World(on: try await TestEngine.postgresDatabase())
        let item = try await world.item(stock: 100)
        let user = try await world.user()
        for _ in 0..<30 { _ = try await world.place(user, [item: 1]) }
        // Everything but the calls of the gateway.
        let others = world.system.activities.filter { !($0 is GatewayWorker) }
        var isWorking = true
        while isWorking {
            isWorking = false
            world.pulse.beat()
            for activity in others where try await activity.poll() == .worked { isWorking = true }
        }
        // Some were claimed as they were opened, for workers that had been waiting and are not polled any more.
        world.clock.advance(by: .seconds(10))
        let payments = world.system.commands(of: "payments")
        let claimed = try await atOnce { try await payments.run(ClaimDuePayments(limit: 20, lease: .seconds(10))) }
        #expect(claimed.count == 30)
        #expect(Set(claimed.map(\.orderID)).count == 30)
        try await world.finish()
    }

    @Test(.onItsOwnNetwork) func `take each message once`() async throws {
        let world = try await World(on: try await TestEngine.postgresDatabase())
        // What the row of a real message has.
        let parameters = #"{"amount":1000,"currency":"KRW","item":"sword","otherLines":0}"#
        try await world.database.write { transaction in
            for _ in 0..<40 {
                try transaction.execute(
                    """
                    INSERT INTO notifications_messages
                        (id, event_id, channel, order_id, user_id, template, parameters, state, next_attempt_at, created_at)
                    VALUES (\(world.ids.next()), \(world.ids.next()), 'console', \(world.ids.next()), \(world.ids.next()),
                        'order.cancelled', \(parameters), 'PENDING', 0, 0)
                    """)
            }
        }
        let notifications = world.system.commands(of: "notifications")
        let claimed = try await atOnce {
            try await notifications.run(ClaimDueMessages(channel: "console", limit: 30, lease: .seconds(10)))
        }
        #expect(claimed.count == 40)
        #expect(Set(claimed.map(\.id)).count == 40)
    }
}
