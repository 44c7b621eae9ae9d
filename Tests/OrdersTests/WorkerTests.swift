import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

@testable import Orders

@Suite struct DeadlineWorkerTests {
    @Test func `the deadline fails a pending order and flags a running one, once`() async throws {
        try await withOrders { orders in
            let worker = DeadlineWorker(orders.context)
            #expect(try await worker.poll() == .idle(wakeAt: nil))
            let pending = try await orders.order(in: .pending)
            let running = try await orders.order(in: .processing)
            let paid = try await orders.order(in: .confirmed)
            #expect(try await worker.poll() == .idle(wakeAt: pending.deadline))
            orders.clock.advance(by: OrdersFixture.timeout)
            _ = orders.takeEmitted()
            #expect(try await worker.poll() == .worked)
            let emitted = orders.takeEmitted()
            #expect(Set(emitted.map(\.type)) == [OrderFailed.type, OrderCancelRequested.type])
            #expect(emitted.count == 2)
            #expect(try await worker.poll() == .idle(wakeAt: nil))
            #expect(try await orders.view(pending.id).cause == .deadline)
            #expect(try await orders.view(pending.id).refusal == Refusal(.orderDeadline))
            #expect(try await orders.view(running.id).cancelRequested == .deadline)
            #expect(try await orders.view(paid.id).state == .confirmed)
        }
    }

    @Test func `an order that its user wants undone is left to that`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .processing)
            try await orders.run(CancelOrder(order: facts.id, requestedBy: .user(OrdersFixture.user)))
            orders.clock.advance(by: OrdersFixture.timeout)
            #expect(try await DeadlineWorker(orders.context).poll() == .idle(wakeAt: nil))
        }
    }

    @Test func `more overdue orders than a poll takes are taken by the next`() async throws {
        try await withOrders { orders in
            for _ in 0..<5 { _ = try await orders.place() }
            orders.clock.advance(by: OrdersFixture.timeout)
            let worker = DeadlineWorker(orders.context, limit: 2)
            for _ in 0..<3 { #expect(try await worker.poll() == .worked) }
            #expect(try await worker.poll() == .idle(wakeAt: nil))
        }
    }
}

@Suite struct ResyncWorkerTests {
    @Test func `an order without progress is sent again after 30, 60, 120, 240 and every 300 seconds`() async throws {
        try await withOrders { orders in
            let facts = try await orders.place()
            let worker = ResyncWorker(orders.context)
            for pause in [30, 60, 120, 240, 300, 300] as [Int64] {
                let due = orders.clock.now() + .seconds(pause)
                #expect(try await worker.poll() == .idle(wakeAt: due))
                orders.clock.advance(to: due)
                _ = orders.takeEmitted()
                #expect(try await worker.poll() == .worked)
                #expect(orders.takeEmitted().map(\.subject) == [facts.id.uuid])
            }
        }
    }

    @Test func `a resync sends again what the outbox holds of the order, and nothing of others`() async throws {
        try await withOrders { orders in
            let stuck = try await orders.place()
            orders.clock.advance(by: .seconds(20))
            let fresh = try await orders.place()
            let before = try await orders.read { try OutboxReader.deliveries(after: 0, in: $0) }
            #expect(before.map(\.envelope.subject) == [stuck.id.uuid, fresh.id.uuid])
            orders.clock.advance(by: .seconds(10))
            #expect(try await ResyncWorker(orders.context).poll() == .worked)
            let after = try await orders.read { try OutboxReader.deliveries(after: 0, in: $0) }
            #expect(after.map(\.envelope.subject) == [fresh.id.uuid, stuck.id.uuid, stuck.id.uuid])
            #expect(after.map(\.envelope.type) == [OrderCreated.type, OrderCreated.type, OrderResync.type])
            #expect(after[1].envelope.id == before[0].envelope.id)
        }
    }

    @Test func `progress starts the schedule again`() async throws {
        try await withOrders { orders in
            let facts = try await orders.place()
            let worker = ResyncWorker(orders.context)
            orders.clock.advance(by: .seconds(30))
            #expect(try await worker.poll() == .worked)
            orders.clock.advance(by: .seconds(50))
            try await orders.deliver(PaymentProcessed(order: facts))
            orders.clock.advance(by: .seconds(10))
            _ = orders.takeEmitted()
            #expect(try await worker.poll() == .worked)
            #expect(orders.takeEmitted().isEmpty)
            let due = orders.clock.now() + .seconds(20)
            #expect(try await worker.poll() == .idle(wakeAt: due))
            orders.clock.advance(to: due)
            #expect(try await worker.poll() == .worked)
            #expect(orders.takeEmitted().map(\.type) == [OrderResync.type])
            #expect(try await worker.poll() == .idle(wakeAt: due + .seconds(60)))
        }
    }

    @Test func `a settled order is never sent again`() async throws {
        try await withOrders { orders in
            _ = try await orders.order(in: .completed)
            #expect(try await ResyncWorker(orders.context).poll() == .idle(wakeAt: nil))
        }
    }

    @Test func `while something is behind nothing is sent again, nor before it has been calm for 30 seconds`()
        async throws
    {
        try await withOrders { orders in
            let facts = try await orders.place()
            orders.clock.advance(by: .seconds(30))
            _ = orders.takeEmitted()
            let (clock, end) = (orders.clock, orders.clock.now() + .seconds(30))
            let worker = ResyncWorker(orders.context) { _ in clock.now() < end }
            for _ in 0..<3 {
                #expect(try await worker.poll() == .idle(wakeAt: orders.clock.now() + .seconds(10)))
                orders.clock.advance(by: .seconds(10))
            }
            // Nothing is behind from now on.
            for _ in 0..<3 {
                #expect(try await worker.poll() == .idle(wakeAt: orders.clock.now() + .seconds(10)))
                orders.clock.advance(by: .seconds(10))
            }
            #expect(orders.takeEmitted().isEmpty)
            #expect(try await worker.poll() == .worked)
            #expect(orders.takeEmitted().map(\.subject) == [facts.id.uuid])
        }
    }

    @Test func `where something is behind for ten minutes orders are sent again all the same, few at a time`()
        async throws
    {
        try await withOrders { orders in
            for _ in 0..<3 { _ = try await orders.place() }
            orders.clock.advance(by: .seconds(30))
            _ = orders.takeEmitted()
            let worker = ResyncWorker(orders.context, limit: 2) { _ in true }
            for _ in 0..<60 {
                #expect(try await worker.poll() == .idle(wakeAt: orders.clock.now() + .seconds(10)))
                orders.clock.advance(by: .seconds(10))
            }
            #expect(orders.takeEmitted().isEmpty)
            #expect(try await worker.poll() == .idle(wakeAt: orders.clock.now() + .seconds(60)))
            var emitted = orders.takeEmitted()
            #expect(emitted.count == 2)
            orders.clock.advance(by: .seconds(60))
            #expect(try await worker.poll() == .idle(wakeAt: orders.clock.now() + .seconds(60)))
            emitted += orders.takeEmitted()
            #expect(Set(emitted.map(\.subject)).count == 3, "nobody is left out")
        }
    }

    @Test func `a round that sends few leaves the others due, and none that went on`() async throws {
        try await withOrders { orders in
            let placed = [try await orders.place(), try await orders.place(), try await orders.place()]
            orders.clock.advance(by: .seconds(20))
            try await orders.deliver(PaymentProcessed(order: placed[2]))
            orders.clock.advance(by: .seconds(10))
            for (resynced, examined) in [(1, 3), (1, 1), (0, 0)] {
                let round = try await orders.run(ResyncOrders(limit: 10, sending: 1))
                #expect(round.outcome.resynced == resynced && round.outcome.examined == examined)
            }
        }
    }

    @Test func `what was seen more than two minutes ago holds nobody up`() async throws {
        try await withOrders { orders in
            _ = try await orders.place()
            orders.clock.advance(by: .seconds(30))
            let (clock, end) = (orders.clock, orders.clock.now() + .seconds(1))
            let worker = ResyncWorker(orders.context) { _ in clock.now() < end }
            #expect(try await worker.poll() == .idle(wakeAt: orders.clock.now() + .seconds(10)))
            orders.clock.advance(by: .milliseconds(120_001))
            _ = orders.takeEmitted()
            #expect(try await worker.poll() == .worked)
            #expect(orders.takeEmitted().count == 1)
        }
    }

    @Test func `a round that took long is followed by a long rest, also when orders come meanwhile`() async throws {
        try await withOrders { orders in
            _ = try await orders.place()
            orders.clock.advance(by: .seconds(30))
            let worker = ResyncWorker(orders.context) { [clock = orders.clock] _ in
                clock.advance(by: .milliseconds(200))
                return false
            }
            let end = orders.clock.now() + .milliseconds(200) + .seconds(4)
            #expect(try await worker.poll() == .idle(wakeAt: end))
            _ = try await orders.place()
            #expect(try await worker.poll() == .idle(wakeAt: end))
            orders.clock.advance(to: end)
            #expect(try await worker.poll() != .idle(wakeAt: end))
        }
    }

    @Test func `a large backlog is sent again bit by bit`() async throws {
        try await withOrders { orders in
            for _ in 0..<5 { _ = try await orders.place() }
            orders.clock.advance(by: .seconds(30))
            let worker = ResyncWorker(orders.context, limit: 2)
            for _ in 0..<2 {
                #expect(try await worker.poll() == .idle(wakeAt: orders.clock.now() + .seconds(1)))
                orders.clock.advance(by: .seconds(1))
            }
            #expect(try await worker.poll() == .worked)
        }
    }
}
