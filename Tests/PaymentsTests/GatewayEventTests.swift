import FoundationEssentials
import Payments
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@Suite struct `What the gateway tells of its own accord` {
    let order = OrderFacts.fixture()

    private func event(
        _ kind: GatewayEvent.Kind, id: String = "event", digest: UInt8 = 1, reference: String? = "r",
        amount: Money? = nil, currency: Currency? = nil
    ) -> GatewayEvent {
        GatewayEvent(
            id: id, digest: Data(repeating: digest, count: 32), kind: kind, orderID: order.id, reference: reference,
            amount: amount ?? order.final, currency: currency ?? order.currency, reason: "says so")
    }

    /// A payment that a call without answer was made for.
    private func withAskedPayment(_ body: (ParticipantHarness) async throws -> Void) async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            _ = try await payments.poll(ScriptedGateway(charges: [.unknown(why: "silent")]))
            try await body(payments)
        }
    }

    @Test func `a capture that no call was answered with passes the pivot, once`() async throws {
        try await withAskedPayment { payments in
            let first = try await payments.run(RecordGatewayEvent(event(.chargeCaptured)))
            #expect(first.outcome == .applied)
            #expect(first.emitted.map(\.type) == [PaymentProcessed.type])
            #expect(first.emitted.first?.causationID != nil)
            #expect(try await payments.state(of: order) == .captured)

            let again = try await payments.run(RecordGatewayEvent(event(.chargeCaptured)))
            #expect(again.outcome == .duplicate && again.emitted.isEmpty)
            let other = try await payments.run(RecordGatewayEvent(event(.chargeCaptured, id: "another", digest: 2)))
            #expect(other.outcome == .known && other.emitted.isEmpty)
            #expect(try await payments.violations() == [])
        }
    }

    @Test func `a decline fails the payment`() async throws {
        try await withAskedPayment { payments in
            let declined = try await payments.run(RecordGatewayEvent(event(.chargeDeclined, reference: nil)))
            #expect(declined.outcome == .applied)
            #expect(declined.emitted.map(\.type) == [PaymentFailed.type])
            #expect(try await payments.state(of: order) == .declined)
        }
    }

    @Test func `an answer that comes after the event changes nothing`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let told = event(.chargeCaptured)
            let gateway = ScriptedGateway(charges: [.captured(reference: "r")]) {
                let told = try await payments.run(RecordGatewayEvent(told))
                #expect(told.outcome == .applied && told.emitted.map(\.type) == [PaymentProcessed.type])
            }
            #expect(try await payments.poll(gateway).isEmpty)
            #expect(try await payments.state(of: order) == .captured)
        }
    }

    @Test func `a capture of a payment to be cancelled is given back, and the refund's event ends it`() async throws {
        try await withAskedPayment { payments in
            try await payments.deliver(OrderCancelRequested.fixture(order))
            let captured = try await payments.run(RecordGatewayEvent(event(.chargeCaptured)))
            #expect(captured.outcome == .applied && captured.emitted.isEmpty)
            let refunds = ScriptedGateway(refunds: [.unknown(why: "silent")])
            _ = try await payments.poll(refunds)
            #expect(refunds.keys == ["\(order.id)/refund"])
            let late = try await payments.run(RecordGatewayEvent(event(.chargeCaptured, id: "late")))
            #expect(late.outcome == .known)
            let refunded = try await payments.run(RecordGatewayEvent(event(.refundSucceeded, id: "refunded")))
            #expect(refunded.outcome == .applied)
            #expect(refunded.emitted.map(\.type) == [PaymentFailed.type])
            #expect(try await payments.state(of: order) == .refunded)
            #expect(try await payments.violations() == [])
        }
    }

    @Test func `what comes before the payment was begun is not kept, and counts when it comes again`() async throws {
        try await withPayments { payments in
            #expect(try await payments.run(RecordGatewayEvent(event(.chargeCaptured))).outcome == .early)
            try await payments.deliver(ItemReserved(order: order))
            #expect(try await payments.run(RecordGatewayEvent(event(.chargeCaptured))).outcome == .early)
            _ = try await payments.poll(ScriptedGateway(charges: [.unknown(why: "silent")]))
            #expect(try await payments.run(RecordGatewayEvent(event(.chargeCaptured))).outcome == .applied)
        }
    }

    @Test func `another event under the same id is refused`() async throws {
        try await withAskedPayment { payments in
            _ = try await payments.run(RecordGatewayEvent(event(.chargeCaptured)))
            let other = try await payments.run(RecordGatewayEvent(event(.chargeCaptured, digest: 2)))
            #expect(other.outcome == .reused)
        }
    }

    @Test func `money where it must not be changes nothing and raises an alarm`() async throws {
        let wrong = [
            event(.chargeCaptured, amount: Money(1)), event(.chargeCaptured, currency: Currency("EUR")),
            event(.chargeCaptured, reference: nil), event(.refundSucceeded), event(.refundRefused),
        ]
        for event in wrong {
            try await withAskedPayment { payments in
                let told = try await payments.run(RecordGatewayEvent(event))
                #expect(told.outcome == .contradiction && told.emitted.isEmpty, "\(event)")
                #expect(try await payments.state(of: order) == .processing)
                #expect(try await payments.brokenChecks() == ["payments.gateway-told-the-same"])
                let audited = try await payments.read {
                    try $0.rows("SELECT severity FROM saga_audit WHERE action = 'payments.gateway-contradicts'")
                }
                #expect(try audited.map { try $0.int64("severity") } == [5])
                let again = try await payments.run(RecordGatewayEvent(event))
                #expect(again.outcome == .duplicate)
            }
        }
    }

    @Test func `a capture of a payment that was declined or cancelled is an alarm`() async throws {
        try await withAskedPayment { payments in
            payments.clock.advance(by: .seconds(60))
            _ = try await payments.poll(ScriptedGateway(charges: [.declined(reason: "no")]))
            #expect(try await payments.run(RecordGatewayEvent(event(.chargeCaptured))).outcome == .contradiction)
            #expect(try await payments.state(of: order) == .declined)
        }
        try await withPayments { payments in
            try await payments.deliver(OrderCancelRequested.fixture(order))
            #expect(try await payments.run(RecordGatewayEvent(event(.chargeCaptured))).outcome == .contradiction)
            let harmless = event(.chargeDeclined, id: "declined", reference: nil)
            #expect(try await payments.run(RecordGatewayEvent(harmless)).outcome == .known)
        }
    }

    @Test func `a second charge under another name is an alarm`() async throws {
        try await withAskedPayment { payments in
            _ = try await payments.run(RecordGatewayEvent(event(.chargeCaptured)))
            let second = event(.chargeCaptured, id: "second", reference: "another")
            #expect(try await payments.run(RecordGatewayEvent(second)).outcome == .contradiction)
        }
    }

    @Test func `old events are forgotten, contradictions are not`() async throws {
        try await withAskedPayment { payments in
            _ = try await payments.run(RecordGatewayEvent(event(.chargeCaptured)))
            _ = try await payments.run(RecordGatewayEvent(event(.chargeDeclined, id: "wrong")))
            let pruner = GatewayEventPruner(payments.context, age: .seconds(10), interval: .seconds(5))
            payments.clock.advance(by: .seconds(10))
            #expect(try await pruner.poll() == .idle(wakeAt: payments.clock.now() + .seconds(5)))
            #expect(try await count(payments) == 2)
            payments.clock.advance(by: .seconds(1))
            _ = try await pruner.poll()
            #expect(try await count(payments) == 1)
            #expect(try await payments.run(RecordGatewayEvent(event(.chargeCaptured))).outcome == .known)
        }
    }

    private func count(_ payments: ParticipantHarness) async throws -> Int {
        try await payments.read { try $0.rows("SELECT id FROM payments_gateway_events").count }
    }
}

@Suite struct `A gateway with a book of its own` {
    /// One that answers as its script says and writes its charges down elsewhere.
    private struct Remote: PaymentGateway {
        let script: ScriptedGateway
        var readiness = GatewayReadiness.ready
        var book: GatewayBook { .elsewhere }

        func charge(_ request: ChargeRequest) async -> ChargeAnswer { await script.charge(request) }
        func refund(_ request: RefundRequest) async -> RefundAnswer { await script.refund(request) }
    }

    private let order = OrderFacts.fixture()

    @Test func `is taken at its word, for this database has no book to compare`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            _ = try await payments.poll(Remote(script: ScriptedGateway(charges: [.captured(reference: "r")])))
            #expect(try await payments.settlement(of: order)?.gatewayNet == order.final)
            #expect(try await payments.violations() == [])
        }
    }

    @Test func `one whose book is here is not`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            _ = try await payments.poll(ScriptedGateway(charges: [.captured(reference: "r")]))
            #expect(try await payments.settlement(of: order)?.gatewayNet == .zero)
        }
    }

    @Test func `is left alone while it rests: nothing is committed to, and cancelling is immediate`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let script = ScriptedGateway(charges: [.captured(reference: "r")])
            let until = payments.clock.now() + .seconds(9)
            let worker = GatewayWorker(
                payments.context, gateway: Remote(script: script, readiness: .resting(until: until)))
            #expect(try await worker.poll() == .idle(wakeAt: until))
            #expect(script.keys == [])
            let cancelled = try await payments.deliver(OrderCancelRequested.fixture(order))
            #expect(cancelled.emitted.map(\.type) == [PaymentFailed.type])
        }
    }

    @Test func `is asked by turns for a payment and for a refund while it is being probed`() async throws {
        try await withPayments { payments in
            let paid = (0..<3).map { _ in OrderFacts.fixture(id: OrderID(payments.ids.next())) }
            for order in paid { try await payments.deliver(ItemReserved(order: order)) }
            _ = try await payments.poll(
                Remote(script: ScriptedGateway(charges: paid.map { .captured(reference: $0.id.description) })))
            for order in paid {
                try await payments.deliver(InventoryReturnHeld(order: order, refundID: RefundID(UUID())))
            }
            payments.clock.advance(by: .seconds(1))
            for _ in 0..<3 {
                try await payments.deliver(ItemReserved(order: OrderFacts.fixture(id: OrderID(payments.ids.next()))))
            }
            let silent = ScriptedGateway(
                charges: Array(repeating: .unknown(why: "silent"), count: 20),
                refunds: Array(repeating: .unknown(why: "silent"), count: 20))
            for _ in 0..<20 {
                _ = try await payments.poll(Remote(script: silent, readiness: .probing))
                payments.clock.advance(by: .seconds(1))
            }
            let refunds = silent.keys.count { $0.contains("/refund/") }
            #expect(silent.keys.count >= 10 && refunds >= 3 && silent.keys.count - refunds >= 3, "\(silent.keys)")
        }
    }

    @Test func `is asked for one payment at a time while it is being probed`() async throws {
        try await withPayments { payments in
            for _ in 0..<3 {
                try await payments.deliver(ItemReserved(order: OrderFacts.fixture(id: OrderID(payments.ids.next()))))
            }
            let script = ScriptedGateway()
            _ = try await payments.poll(Remote(script: script, readiness: .probing))
            #expect(script.keys.count == 1)
        }
    }
}
