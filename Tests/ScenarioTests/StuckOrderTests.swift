import Items
import Journeys
import Orders
import PurchaseContracts
import SagaChoreography
import SagaSQL
import Testing

@Suite struct `An order whose next service is stopped` {
    /// The item service hears nothing for so long.
    private func withItemsStopped(
        for pause: Duration, _ test: (World, Purchase) async throws -> Void
    ) async throws {
        let world = try await World(Schedule(mode: .inOrder, seed: 5))
        for type in [InventoryReserved.type, OrderFailed.type, PaymentProcessed.type] {
            world.network.interfere(with: type, to: "items", .until(world.clock.now() + pause))
        }
        try await test(world, try await Purchase(in: world))
    }

    @Test func `names the event, its owner and what to do once it is late, and is listed as stuck; it then goes on`()
        async throws
    {
        try await withItemsStopped(for: .seconds(60)) { world, purchase in
            try await world.run(for: .seconds(5))
            try await world.say(running: ["items"])
            let early = try await world.journey(of: purchase.order)
            #expect(early.verdict.code == .onTime)
            let expected = try #require(early.expected.first)
            #expect(expected.event == ItemReserved.type && expected.owner == "items")
            #expect(expected.trigger == InventoryReserved.type)
            #expect(expected.due - expected.since == .seconds(10))
            #expect(early.money == .held)
            #expect(try await world.stuck() == [])

            try await world.run(for: .seconds(10))
            try await world.say(running: ["items"])
            let late = try await world.journey(of: purchase.order)
            #expect(late.verdict.code == .consumerDown && late.verdict.isStuck)
            #expect(late.verdict.parameters[.event] == "item.reserved")
            #expect(late.verdict.parameters[.owner] == "items")
            #expect(late.verdict.advice == "consumer-down" && late.verdict.actions == [.openService])
            #expect(try await world.stuck() == [purchase.order])
            let waiting = late.reactions.filter { $0.disposition == .waiting }
            #expect(waiting.map(\.consumer) == ["items"], "\(late.told)")

            try await world.say()
            #expect(try await world.journey(of: purchase.order).verdict.code == .outboxStalled)
            let pause = ServicePresence.Pause(activity: "items.consumer", reason: "no redis", since: world.clock.now())
            try await world.say(pauses: [pause])
            let paused = try await world.journey(of: purchase.order)
            #expect(paused.verdict.code == .consumerPaused && paused.verdict.parameters[.reason] == "no redis")

            try await world.finish()
            try await purchase.expectCompleted(in: world)
            #expect(try await world.stuck() == [])
        }
    }

    @Test func `is undone at its deadline, and names the undo that is missing`() async throws {
        try await withItemsStopped(for: World.timeout + .seconds(100)) { world, purchase in
            try await world.run(for: World.timeout + .seconds(30))
            try await world.say(running: ["items"])
            let down = try await world.journey(of: purchase.order)
            #expect(down.order.state == .failed && down.verdict.code == .consumerDown)
            #expect(down.expected.map(\.event) == [ItemRestored.type])
            #expect(try await world.stuck() == [purchase.order])
            try await world.say()
            let open = try await world.journey(of: purchase.order)
            #expect(open.verdict.code == .undoIncomplete && open.verdict.actions == [.resync])
            #expect(open.verdict.parameters[.missing] == "item.restored (items)")
            #expect(open.money == .available)

            try await world.finish()
            try await purchase.expectUndone(.failed, .deadline, .orderDeadline, in: world)
            #expect(try await world.stuck() == [])
        }
    }

    @Test(.onItsOwnNetwork) func `names the gateway while its answer is open, and never calls for a failure`()
        async throws
    {
        let world = try await World(Schedule(mode: .inOrder, seed: 3))
        let purchase = try await Purchase(in: world)
        let silentUntil = world.clock.now() + .seconds(60)
        world.gateway.script(purchase.order) { $0.silentUntil = silentUntil }
        try await world.run(for: .seconds(30))
        try await world.say()
        let journey = try await world.journey(of: purchase.order)
        #expect(journey.verdict.code == .gatewayUnknown && journey.verdict.isStuck)
        #expect(journey.verdict.actions == [.openPayment, .wait])
        #expect(journey.money == .atGateway)
        try await world.finish()
        try await purchase.expectCompleted(in: world)
    }

    @Test(.onItsOwnNetwork) func `names the message that was given up, until the order is undone`() async throws {
        let world = try await World(Schedule(mode: .inOrder, seed: 3))
        world.network.interfere(with: InventoryReserved.type, to: "items", .corrupt)
        let purchase = try await Purchase(in: world)
        try await world.run(for: .seconds(5))
        try await world.say()
        let journey = try await world.journey(of: purchase.order)
        #expect(journey.verdict.code == .parked && journey.verdict.isStuck)
        #expect(journey.verdict.parameters[.consumer] == "items")
        #expect(journey.verdict.parameters[.message] == "inventory.reserved")
        #expect(journey.verdict.advice == "parked")
        #expect(journey.reactions.contains { $0.consumer == "items" && $0.disposition == .parked }, "\(journey.told)")
        #expect(try await world.stuck() == [purchase.order])
        try await world.run(for: World.timeout + .seconds(60))
        #expect(try await world.journey(of: purchase.order).verdict.code == .settled)
        #expect(try await world.stuck() == [])
    }

    @Test(.onItsOwnNetwork) func `lists go on page by page, the oldest that is open and the newest of all first`()
        async throws
    {
        let world = try await World(Schedule(mode: .inOrder, seed: 3))
        world.network.interfere(with: InventoryReserved.type, to: "items", .until(world.clock.now() + .seconds(60)))
        let user = try await world.user()
        let item = try await world.item()
        var orders: [OrderID] = []
        for _ in 0..<5 {
            orders.append(try await world.place(user, [item: 1]))
            try await world.run(for: .seconds(1))
        }
        try await world.run(for: .seconds(20))
        func all(_ status: SagaStatus?) async throws -> [OrderID] {
            var (found, last): ([OrderID], OrderID?) = ([], nil)
            repeat {
                let page = try await world.journeys().sagas(status, after: last, limit: 2)
                found += page.sagas.map(\.order.id)
                last = page.next
            } while last != nil
            return found
        }
        #expect(try await all(.stuck) == orders)
        #expect(try await all(.running) == orders)
        #expect(try await all(nil) == orders.reversed())
        #expect(try await all(.failed) == [])
        let summary = try #require(try await world.journeys().sagas(.stuck, limit: 1).sagas.first)
        #expect(summary.age >= .seconds(20) && summary.expected.map(\.owner) == ["items"])
        try await world.finish()
        #expect(try await all(.running) == [])
    }
}
