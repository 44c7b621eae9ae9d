import Payments
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@Suite struct `Beginning a payment` {
    let order = OrderFacts.fixture()

    @Test func `a reserved order waits for the gateway and tells nobody`() async throws {
        try await withPayments { payments in
            let outcome = try await payments.deliver(ItemReserved(order: order))
            #expect(outcome.disposition == .applied)
            #expect(outcome.emitted.isEmpty)
            #expect(try await payments.state(of: order) == .processing)
            #expect(try await payments.read { try PaymentQueries($0).nextDueAt(of: .here) } == payments.clock.now())
        }
    }

    @Test func `a second delivery changes nothing`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let again = try await payments.redeliver()
            #expect(again.disposition == .duplicate)
            #expect(again.emitted.isEmpty)
        }
    }

    @Test func `an order without price is paid at once and the gateway is never asked`() async throws {
        let free = OrderFacts.fixture(discount: 1000)
        try await withPayments { payments in
            let outcome = try await payments.deliver(ItemReserved(order: free))
            #expect(outcome.types == [PaymentProcessed.type])
            #expect(try await payments.state(of: free) == .captured)

            let gateway = ScriptedGateway()
            #expect(try await payments.poll(gateway).isEmpty)
            #expect(gateway.keys.isEmpty)

            let again = try await payments.redeliver()
            #expect(again.disposition == .duplicate)
            #expect(again.emitted.isEmpty)
            #expect(try await payments.violations().isEmpty)
        }
    }

    @Test func `a reservation that comes after the cancellation finds a tombstone`() async throws {
        try await withPayments { payments in
            try await payments.deliver(OrderCancelRequested.fixture(order))
            let late = try await payments.deliver(ItemReserved(order: order))
            #expect(late.disposition == .ignored)
            #expect(late.emitted.isEmpty)
            #expect(try await payments.state(of: order) == .tombstone)

            let gateway = ScriptedGateway(charges: [.captured(reference: "r")])
            #expect(try await payments.poll(gateway).isEmpty)
            #expect(gateway.keys.isEmpty)
        }
    }

    @Test func `a batch opens every payment`() async throws {
        let orders = (0..<5).map { _ in OrderFacts.fixture() }
        try await withPayments { payments in
            let outcomes = try await payments.deliverBatch(orders.map(ItemReserved.init))
            #expect(outcomes.allSatisfy { $0.disposition == .applied })
            for order in orders { #expect(try await payments.state(of: order) == .processing) }
        }
    }

    @Test func `settling closes the row`() async throws {
        try await withPayments { payments in
            try await payments.deliver(OrderCancelRequested.fixture(order))
            try await payments.deliver(OrderSettled(orderID: order.id))
            #expect(try await payments.settlement(of: order)?.isSettled == true)
            try await payments.redeliver()
            #expect(try await payments.settlement(of: order)?.isSettled == true)
        }
    }
}
