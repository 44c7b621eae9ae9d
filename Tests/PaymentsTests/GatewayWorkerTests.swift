import FoundationEssentials
import Payments
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization
import Testing

@Suite struct `The gateway worker` {
    let order = OrderFacts.fixture()

    @Test func `a captured charge passes the pivot`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let gateway = ScriptedGateway(charges: [.captured(reference: "r")])
            let emitted = try await payments.poll(gateway)
            #expect(emitted.map(\.type) == [PaymentProcessed.type])
            #expect(try emitted.first?.decode(PaymentProcessed.self).order == order)
            #expect(gateway.keys == [order.id.description])
            #expect(try await payments.settlement(of: order)?.captured == order.final)
            #expect(try await payments.poll(gateway).isEmpty)
        }
    }

    @Test func `what it emits names the reservation as its cause`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let emitted = try await payments.poll(ScriptedGateway(charges: [.captured(reference: "r")]))
            let causedBy = try await payments.read {
                try $0.first("SELECT caused_by FROM payments_saga")?.uuid("caused_by")
            }
            #expect(causedBy != nil)
            #expect(emitted.first?.causationID == causedBy)
            #expect(emitted.first?.subject == order.id.uuid)
        }
    }

    @Test func `the call and what it leads to belong to the trace of the reservation`() async throws {
        let trace = try #require(TraceContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order), traceparent: trace.traceparent)
            let seen = Mutex<TraceContext?>(nil)
            let gateway = ScriptedGateway(charges: [.captured(reference: "r")]) {
                seen.withLock { $0 = TraceContext.current }
            }
            let emitted = try await payments.poll(gateway)
            #expect(seen.withLock { $0 } == trace)
            #expect(emitted.map(\.traceparent) == [trace.traceparent])
        }
    }

    @Test func `an explicit no fails as declined`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let emitted = try await payments.poll(ScriptedGateway(charges: [.declined(reason: "no funds")]))
            let failed = try #require(try emitted.first?.decode(PaymentFailed.self))
            #expect(failed.cause == .declined)
            #expect(failed.refusal.code == .paymentDeclined)
            #expect(try await payments.state(of: order) == .declined)
        }
    }

    @Test func `not knowing is never a failure: it asks again with the same key, later and later`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let gateway = ScriptedGateway(charges: Array(repeating: .unknown(why: "503"), count: 12))
            var waits: [Duration] = []
            for _ in 0..<12 {
                #expect(try await payments.poll(gateway).isEmpty)
                let due = try #require(try await payments.read { try PaymentQueries($0).nextDueAt(of: .here) })
                waits.append(due - payments.clock.now())
                payments.clock.advance(to: due)
            }
            #expect(Set(gateway.keys) == [order.id.description])
            #expect(gateway.keys.count == 12)
            #expect(waits[0] >= .milliseconds(250) && waits[0] <= .milliseconds(500))
            #expect(waits[11] >= .seconds(30) && waits[11] <= .seconds(60))
            #expect(try await payments.state(of: order) == .processing)

            let emitted = try await payments.poll(ScriptedGateway(charges: [.captured(reference: "r")]))
            #expect(emitted.map(\.type) == [PaymentProcessed.type])
        }
    }

    @Test func `it is idle until something is due`() async throws {
        try await withPayments { payments in
            let worker = GatewayWorker(payments.context, gateway: ScriptedGateway())
            #expect(worker.follows == PaymentsParticipant.service)
            #expect(worker.wakesOn.isSubset(of: payments.participant.subscriptions))
            #expect(try await worker.poll() == .idle(wakeAt: nil))
            try await payments.deliver(ItemReserved(order: order))
            #expect(try await worker.poll() == .worked)
            guard case .idle(let wakeAt?) = try await worker.poll() else {
                Issue.record("nothing to wake for")
                return
            }
            #expect(wakeAt > payments.clock.now())
        }
    }

    @Test func `a cancellation during the call gives captured money back`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let gateway = ScriptedGateway(
                charges: [.captured(reference: "r")], refunds: [.unknown(why: "time-out"), .refunded],
                meanwhile: { [order] in
                    try await payments.deliver(OrderCancelRequested.fixture(order, cause: .deadline))
                })
            #expect(try await payments.poll(gateway).isEmpty)
            #expect(try await payments.state(of: order) == .processing)
            #expect(try await payments.poll(gateway).isEmpty)

            payments.clock.advance(by: .seconds(1))
            let emitted = try await payments.poll(gateway)
            let failed = try #require(try emitted.first?.decode(PaymentFailed.self))
            #expect(failed.cause == .deadline)
            #expect(failed.refusal.code == .orderDeadline)
            #expect(gateway.keys == ["", "/refund", "/refund"].map { order.id.description + $0 })
            let settlement = try #require(try await payments.settlement(of: order))
            #expect(settlement.state == .refunded)
            #expect(settlement.refunded == order.final)
            #expect(try await payments.poll(gateway).isEmpty)
        }
    }

    @Test func `a refused refund lets the order go on`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let gateway = ScriptedGateway(
                charges: [.captured(reference: "r")], refunds: [.refused(reason: "no")],
                meanwhile: { [order] in try await payments.deliver(OrderCancelRequested.fixture(order)) })
            #expect(try await payments.poll(gateway).isEmpty)
            let emitted = try await payments.poll(gateway)
            #expect(emitted.map(\.type) == [PaymentProcessed.type])
            #expect(try await payments.state(of: order) == .captured)
            #expect(try await payments.deliver(OrderCancelRequested.fixture(order)).disposition == .ignored)
        }
    }

    @Test func `a decline during a cancellation carries the cause of the cancellation`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let gateway = ScriptedGateway(
                charges: [.declined(reason: "no")],
                meanwhile: { [order] in try await payments.deliver(OrderCancelRequested.fixture(order)) })
            let emitted = try await payments.poll(gateway)
            #expect(try emitted.first?.decode(PaymentFailed.self).cause == .user)
            #expect(try await payments.state(of: order) == .declined)
        }
    }

    @Test func `many calls are recorded together, and one poll takes no more than its limit`() async throws {
        let orders = (0..<10).map { _ in OrderFacts.fixture() }
        try await withPayments { payments in
            try await payments.deliverBatch(orders.map(ItemReserved.init))
            let gateway = ScriptedGateway(charges: (0..<10).map { .captured(reference: "r\($0)") })
            #expect(try await payments.poll(gateway, limit: 6).count == 6)
            #expect(try await payments.poll(gateway, limit: 6).count == 4)
            #expect(Set(gateway.keys).count == 10)
        }
    }

    @Test func `a row that cannot be recorded does not hold up its neighbours`() async throws {
        let other = OrderFacts.fixture()
        try await withPayments { payments in
            try await payments.deliverBatch([ItemReserved(order: order), ItemReserved(order: other)])
            let gateway = ScriptedGateway(
                charges: [.captured(reference: "a"), .captured(reference: "b")],
                meanwhile: { [order] in
                    try await payments.given {
                        try $0.execute("UPDATE payments_saga SET facts = '{}' WHERE subject = \(order.id)")
                    }
                })
            await #expect(throws: SQLError.self) { try await payments.poll(gateway) }
            #expect(payments.takeEmitted().compactMap(\.subject) == [other.id.uuid])
            let states = try await [payments.state(of: order), payments.state(of: other)]
            #expect(states == [.processing, .captured])
        }
    }

    @Test func `the same answer recorded twice decides once`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let calls = try await payments.run(ClaimDuePayments(limit: 1, lease: .seconds(10))).outcome
            let answers = calls.map {
                GatewayAnswer($0, .captured(reference: "r"), retryAfter: .seconds(1))
            }
            #expect(try await payments.run(RecordGatewayAnswers(answers)).types == [PaymentProcessed.type])
            #expect(try await payments.run(RecordGatewayAnswers(answers)).types.isEmpty)
        }
    }

    @Test func `a straggler that does not know does not put off a fresh attempt, but one that knows decides`()
        async throws
    {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            let first = try await payments.run(ClaimDuePayments(limit: 1, lease: .seconds(10))).outcome[0]
            payments.clock.advance(by: .seconds(10))
            let second = try await payments.run(ClaimDuePayments(limit: 1, lease: .seconds(10))).outcome[0]
            #expect(second.chargeRequest == first.chargeRequest)
            let due = try await payments.read { try PaymentQueries($0).nextDueAt(of: .here) }
            try await payments.run(
                RecordGatewayAnswers([GatewayAnswer(first, .unknown(why: "?"), retryAfter: .seconds(60))]))
            #expect(try await payments.read { try PaymentQueries($0).nextDueAt(of: .here) } == due)
            let decided = try await payments.run(
                RecordGatewayAnswers([GatewayAnswer(first, .captured(reference: "r"), retryAfter: .zero)]))
            #expect(decided.types == [PaymentProcessed.type])
            let late = try await payments.run(
                RecordGatewayAnswers([GatewayAnswer(second, .captured(reference: "r"), retryAfter: .zero)]))
            #expect(late.types.isEmpty)
        }
    }

    @Test(arguments: [ProbePoint.gatewayBeforeCall, .gatewayAfterCall])
    func `a crash around the call charges once, and cancelling then waits for the answer`(_ point: ProbePoint)
        async throws
    {
        try await withPayments(probe: CrashOnce(at: point)) { payments in
            try await payments.deliver(ItemReserved(order: order))
            let gateway = payments.simulatedGateway(.init(successRate: 1))
            await #expect(throws: CrashOnce.Crash.self) { try await payments.poll(gateway) }

            // Nobody can say any more whether money moved, so the tombstone is out of reach.
            #expect(try await payments.deliver(OrderCancelRequested.fixture(order)).emitted.isEmpty)
            #expect(try await payments.poll(gateway).isEmpty)

            payments.clock.advance(by: .seconds(10))
            _ = try await payments.poll(gateway)
            let emitted = try await payments.poll(gateway)
            #expect(emitted.map(\.type) == [PaymentFailed.type])
            let settlement = try #require(try await payments.settlement(of: order))
            #expect(settlement.state == .refunded)
            #expect(settlement.gatewayNet == .zero)
            #expect(try await payments.violations().isEmpty)
        }
    }
}
