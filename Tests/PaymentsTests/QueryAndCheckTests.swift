import Payments
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@Suite struct `Asking about payments` {
    let order = OrderFacts.fixture()

    @Test func `an order that Payments never saw has no payment`() async throws {
        try await withPayments { payments in
            let view = try await payments.view(of: order)
            let settlement = try await payments.settlement(of: order)
            #expect(view == nil)
            #expect(settlement == nil)
        }
    }

    @Test func `a payment says what is paid by what, and when`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let waiting = try #require(try await payments.view(of: order))
            #expect(waiting.status == .processing)
            #expect(waiting.amount == order.final)
            #expect(waiting.userID == order.userID)
            #expect(waiting.method == "wallet")
            #expect(waiting.failure == nil)

            payments.clock.advance(by: .seconds(1))
            _ = try await payments.poll(ScriptedGateway(charges: [.captured(reference: "r")]))
            let paid = try #require(try await payments.view(of: order))
            #expect(paid.status == .captured)
            #expect(paid.when == payments.clock.now())

            payments.clock.advance(by: .seconds(1))
            try await payments.deliver(OrderSettled(orderID: order.id))
            #expect(try await payments.view(of: order)?.when == paid.when)
        }
    }

    @Test func `a decline and a cancellation say why`() async throws {
        let other = OrderFacts.fixture()
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            _ = try await payments.poll(ScriptedGateway(charges: [.declined(reason: "no")]))
            #expect(try await payments.view(of: order)?.failure == .declined)

            try await payments.deliver(OrderCancelRequested.fixture(other))
            let cancelled = try #require(try await payments.view(of: other))
            #expect(cancelled.status == .cancelled)
            #expect(cancelled.failure?.cause == .user)
            #expect(cancelled.failure?.refusal == Refusal(.orderCancelled, ["after": 5]))
        }
    }

    @Test func `the settlement compares the row with the gateway's book`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            _ = try await payments.poll(payments.simulatedGateway(.init(successRate: 1)))
            let settlement = try #require(try await payments.settlement(of: order))
            #expect(settlement.gatewayNet == order.final)
            #expect(settlement.captured == order.final)
            #expect(try await payments.violations().isEmpty)
        }
    }

    @Test func `a charge without payment and a book that disagrees are found`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            _ = try await payments.poll(payments.simulatedGateway(.init(successRate: 1)))
            try await payments.given { [order] in
                try $0.execute(
                    """
                    UPDATE gateway_charges SET refunded_amount = amount, refund_key = 'by hand'
                    WHERE order_id = \(order.id)
                    """)
            }
            let disagreement = try await payments.brokenChecks()
            #expect(disagreement == ["payments.gateway-agrees"])
            try await payments.given { [order] in
                try $0.execute("DELETE FROM payments_saga WHERE subject = \(order.id)")
            }
            let orphan = try await payments.brokenChecks()
            #expect(orphan == ["payments.charge-has-payment"])
        }
    }

    @Test(arguments: [
        "UPDATE payments_saga SET state = 'DECLINED', failure_code = 'x'",
        "UPDATE payments_saga SET captured_amount = 0",
        "UPDATE payments_saga SET refunded_amount = amount",
        "UPDATE payments_saga SET attempted = 0",
        "UPDATE payments_saga SET state = 'PROCESSING'",
        "UPDATE payments_saga SET phase = 'refund'",
        "UPDATE gateway_charges SET reference = NULL",
        "UPDATE gateway_charges SET refunded_amount = amount + 1, refund_key = 'k'",
        """
        INSERT INTO gateway_charges (key, order_id, amount, outcome, reference, at)
        SELECT 'another key', order_id, 1, 'captured', 'r', 0 FROM gateway_charges
        """,
    ])
    func `the database refuses what must not be`(_ change: String) async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            _ = try await payments.poll(payments.simulatedGateway(.init(successRate: 1)))
            await #expect(throws: SQLError.self) {
                try await payments.given { try $0.execute(SQLStatement(change)) }
            }
        }
    }
}
