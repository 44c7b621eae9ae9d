import PurchaseContracts
import SagaChoreography
import SagaTesting
import Testing

@testable import Orders

@Suite struct IntakeTests {
    private func request(_ intake: OrderIntake, key: String? = nil) -> PlaceOrder {
        PlaceOrder(
            request: OrderRequest(userID: OrdersFixture.user, lines: [.init(itemID: OrdersFixture.sword, quantity: 1)]),
            actor: OrdersFixture.user,
            idempotency: key.map {
                IdempotencyRequest(subject: OrdersFixture.user, operation: "POST /orders", key: $0, bodyHash: "aa")
            }, settings: OrdersFixture.settings, intake: intake)
    }

    @Test func `a new order is refused while as many as may be are under way, and nothing of it exists`() async throws {
        try await withOrders { orders in
            let intake = OrderIntake(limit: 2)
            try await intake.look(in: orders.database, at: orders.clock.now())
            let first = try await orders.run(request(intake, key: "k1"))
            try await orders.run(request(intake))
            await #expect(throws: OrdersRefusal.tooManyUnderWay) { try await orders.run(request(intake, key: "k2")) }
            let again = try await orders.run(request(intake, key: "k1"))
            #expect(again.outcome.isReplay && again.outcome.order == first.outcome.order, "it was taken before")

            // Looked at too early nothing changes; later the settled one has made room.
            let created = try #require(try first.event(OrderCreated.self)).order
            try await orders.deliver(PaymentProcessed(order: created))
            try await orders.confirm(created)
            try await intake.look(in: orders.database, at: orders.clock.now())
            await #expect(throws: OrdersRefusal.tooManyUnderWay) { try await orders.run(request(intake, key: "k2")) }
            orders.clock.advance(by: .seconds(1))
            try await intake.look(in: orders.database, at: orders.clock.now())
            #expect(try await orders.run(request(intake, key: "k2")).outcome.isReplay == false)
        }
    }

    @Test func `what another process took is seen at the next look`() async throws {
        try await withOrders { orders in
            let (here, there) = (OrderIntake(limit: 1), OrderIntake(limit: 1))
            try await here.look(in: orders.database, at: orders.clock.now())
            try await orders.run(request(there))
            orders.clock.advance(by: .seconds(1))
            try await here.look(in: orders.database, at: orders.clock.now())
            await #expect(throws: OrdersRefusal.tooManyUnderWay) { try await orders.run(request(here)) }
        }
    }

    @Test func `orders that are being undone count for five minutes, then they keep nobody out`() async throws {
        try await withOrders { orders in
            let intake = OrderIntake(limit: 1)
            try await orders.run(request(intake))
            orders.clock.advance(by: OrdersFixture.timeout + .seconds(299))
            try await intake.look(in: orders.database, at: orders.clock.now())
            await #expect(throws: OrdersRefusal.tooManyUnderWay) { try await orders.run(request(intake)) }
            orders.clock.advance(by: .seconds(1))
            try await intake.look(in: orders.database, at: orders.clock.now())
            #expect(try await orders.run(request(intake)).outcome.isReplay == false)
        }
    }
}
