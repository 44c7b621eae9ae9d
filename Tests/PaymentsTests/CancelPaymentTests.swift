import Payments
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@Suite struct `Cancelling a payment` {
    let order = OrderFacts.fixture()

    @Test(arguments: [Cause.user, .admin, .deadline])
    func `before anything is reserved it leaves a tombstone and fails with the cause`(_ cause: Cause) async throws {
        let request = OrderCancelRequested.fixture(order, cause: cause)
        try await withPayments { payments in
            let outcome = try await payments.deliver(request)
            let failed = try #require(try outcome.event(PaymentFailed.self))
            #expect(failed.cause == cause)
            #expect(failed.refusal == request.refusal)
            #expect(try await payments.state(of: order) == .tombstone)

            let again = try await payments.redeliver()
            #expect(again.disposition == .duplicate)
            #expect(again.emitted.isEmpty)
        }
    }

    @Test func `before the first call it is decided at once`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let outcome = try await payments.deliver(OrderCancelRequested.fixture(order))
            #expect(try outcome.event(PaymentFailed.self)?.cause == .user)
            #expect(try await payments.state(of: order) == .tombstone)

            let gateway = ScriptedGateway(charges: [.captured(reference: "r")])
            #expect(try await payments.poll(gateway).isEmpty)
            #expect(gateway.keys.isEmpty)
            #expect(try await payments.redeliver().disposition == .duplicate)
        }
    }

    @Test func `after the first call it only sets a flag, and the first cause stays`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            _ = try await payments.poll(ScriptedGateway())

            let outcome = try await payments.deliver(OrderCancelRequested.fixture(order, cause: .deadline))
            #expect(outcome.disposition == .applied)
            #expect(outcome.emitted.isEmpty)
            #expect(try await payments.state(of: order) == .processing)

            let second = try await payments.deliver(OrderCancelRequested.fixture(order, cause: .user))
            #expect(second.disposition == .duplicate)

            payments.clock.advance(by: .seconds(60))
            let emitted = try await payments.poll(ScriptedGateway(charges: [.declined(reason: "no")]))
            #expect(try emitted.first?.decode(PaymentFailed.self).cause == .deadline)
            #expect(try await payments.state(of: order) == .declined)
        }
    }

    @Test(arguments: [ChargeAnswer.captured(reference: "r"), .declined(reason: "no")])
    func `it is too late once the gateway answered`(_ answer: ChargeAnswer) async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            _ = try await payments.poll(ScriptedGateway(charges: [answer]))
            let before = try await payments.state(of: order)
            let outcome = try await payments.deliver(OrderCancelRequested.fixture(order))
            #expect(outcome.disposition == .ignored)
            #expect(outcome.emitted.isEmpty)
            #expect(try await payments.state(of: order) == before)
        }
    }

    @Test func `it is too late for an order without price`() async throws {
        let free = OrderFacts.fixture(discount: 1000)
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: free))
            #expect(try await payments.deliver(OrderCancelRequested.fixture(free)).disposition == .ignored)
            #expect(try await payments.state(of: free) == .captured)
        }
    }
}
