import Payments
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

/// Calls that are committed to as their payments are opened.
@Suite struct `A desk where payment workers wait` {
    /// Payments, the desk of its process, and one worker at it.
    private struct Office {
        let payments: ParticipantHarness
        let desk: GatewayDesk
        let gateway: ScriptedGateway
        let due: DuePayments
        let worker: GatewayWorker

        /// Whether a worker is committed to calling the gateway.
        func isClaimed(_ order: OrderFacts) async throws -> Bool {
            let id = order.id
            return try await payments.read { transaction in
                try transaction.first("SELECT attempted FROM payments_saga WHERE subject = \(id)")?.bool("attempted")
                    ?? false
            }
        }
    }

    private func withOffice(
        limit: Int = 32, charges: [ChargeAnswer] = [], probe: any Probe = NoProbe(),
        meanwhile: @escaping @Sendable () async throws -> Void = {}, _ body: (Office) async throws -> Void
    ) async throws {
        let gateway = ScriptedGateway(charges: charges, meanwhile: meanwhile)
        let clock = ManualClock()
        let desk = GatewayDesk(gateway, clock: clock)
        try await withParticipant(
            PaymentsParticipant.make(desk: desk), migrations: PaymentsMigrations.sqlite, clock: clock, probe: probe
        ) { payments in
            let due = DuePayments(payments.context, at: desk)
            let worker = GatewayWorker(payments.context, gateway: gateway, limit: limit, due: due)
            try await body(Office(payments: payments, desk: desk, gateway: gateway, due: due, worker: worker))
            #expect(try await payments.violations() == [])
        }
    }

    private let order = OrderFacts.fixture()

    @Test func `a payment that is opened while a worker waits is committed to with its row, and called once`()
        async throws
    {
        try await withOffice(charges: [.captured(reference: "r")]) { office in
            #expect(try await office.worker.poll() == .idle(wakeAt: nil))
            try await office.payments.deliver(ItemReserved(order: order))
            #expect(try await office.isClaimed(order))
            #expect(try await office.worker.poll() == .worked)
            #expect(try await office.payments.state(of: order) == .captured)
            #expect(office.gateway.keys == [order.id.description])
            guard case .idle = try await office.worker.poll() else {
                Issue.record("there is nothing more to do")
                return
            }
        }
    }

    @Test func `cancelling after that waits for the answer, before it nothing was asked`() async throws {
        let other = OrderFacts.fixture()
        try await withOffice(charges: [.captured(reference: "r")]) { office in
            // Nobody waits yet.
            try await office.payments.deliver(ItemReserved(order: other))
            #expect(try await !office.isClaimed(other))
            try await office.payments.deliver(OrderCancelRequested.fixture(other))
            #expect(try await office.payments.state(of: other) == .tombstone)
            #expect(try await office.worker.poll() == .idle(wakeAt: nil))
            try await office.payments.deliver(ItemReserved(order: order))
            try await office.payments.deliver(OrderCancelRequested.fixture(order))
            #expect(try await office.payments.state(of: order) == .processing)
            #expect(try await office.worker.poll() == .worked)
            #expect(office.gateway.keys == [order.id.description])
        }
    }

    @Test func `no more is committed to than the waiting workers have room for, and the rest comes next`() async throws
    {
        let orders = (0..<5).map { _ in OrderFacts.fixture() }
        try await withOffice(limit: 2, charges: (0..<5).map { .captured(reference: "r\($0)") }) { office in
            #expect(try await office.worker.poll() == .idle(wakeAt: nil))
            try await office.payments.deliverBatch(orders.map(ItemReserved.init))
            var claimed = 0
            for order in orders where try await office.isClaimed(order) { claimed += 1 }
            #expect(claimed == 2)
            for _ in 0..<3 { #expect(try await office.worker.poll() == .worked) }
            #expect(Set(office.gateway.keys) == Set(orders.map(\.id.description)) && office.gateway.keys.count == 5)
        }
    }

    @Test func `while something is due nothing is committed to before it`() async throws {
        let (first, second) = (OrderFacts.fixture(), OrderFacts.fixture())
        try await withOffice { office in
            #expect(try await office.worker.poll() == .idle(wakeAt: nil))
            try await office.payments.deliver(ItemReserved(order: first))
            // Somebody else asked, and learned nothing.
            let call = ClaimedPayment(
                orderID: first.id, phase: .charge, amount: first.final, currency: first.currency, reference: nil,
                attempt: 1)
            try await office.payments.run(
                RecordGatewayAnswers([GatewayAnswer(call, .unknown(why: "?"), retryAfter: .zero)]))
            try await office.payments.deliver(ItemReserved(order: second))
            #expect(try await office.isClaimed(first))
            #expect(try await !office.isClaimed(second))
        }
    }

    @Test func `a transaction that does not commit commits to nothing`() async throws {
        try await withOffice(charges: [.captured(reference: "r")], probe: CrashOnce(at: .batchBeforeCommit)) { office in
            #expect(try await office.worker.poll() == .idle(wakeAt: nil))
            try await office.payments.deliver(ItemReserved(order: order))
            #expect(try await office.payments.state(of: order) == nil)
            guard case .idle = try await office.worker.poll() else {
                Issue.record("nothing was committed to")
                return
            }
            #expect(office.gateway.keys.isEmpty)
        }
    }

    @Test func `what nobody takes soon is claimed anew, with a whole lease before the call`() async throws {
        try await withOffice(charges: [.captured(reference: "r")]) { office in
            #expect(try await office.worker.poll() == .idle(wakeAt: nil))
            try await office.payments.deliver(ItemReserved(order: order))
            office.payments.clock.advance(by: .seconds(3))
            _ = try await office.worker.poll()
            #expect(office.gateway.keys.isEmpty, "its lease may end during the call")
            #expect(try await office.worker.poll() == .worked)
            #expect(office.gateway.keys == [order.id.description])
            #expect(try await office.payments.state(of: order) == .captured)
        }
    }

    @Test func `what lies there goes before a look, and what others opened comes next`() async throws {
        let other = OrderFacts.fixture()
        try await withOffice(charges: [.captured(reference: "a"), .captured(reference: "b")]) { office in
            try await office.payments.deliver(ItemReserved(order: other))
            let soon = office.payments.clock.now() + .seconds(59)
            try await office.payments.given {
                try $0.execute("UPDATE payments_saga SET next_attempt_at = \(soon.milliseconds + 5000)")
            }
            #expect(try await office.worker.poll() != .worked)
            // As another process would, of which nobody hears here.
            try await office.payments.given {
                try $0.execute("UPDATE payments_saga SET next_attempt_at = \(soon.milliseconds)")
            }
            office.payments.clock.advance(by: .seconds(60))
            try await office.payments.deliver(ItemReserved(order: order))
            #expect(try await office.worker.poll() == .worked)
            #expect(office.gateway.keys == [order.id.description])
            #expect(try await office.worker.poll() == .worked)
            #expect(office.gateway.keys == [order, other].map(\.id.description))
        }
    }

    @Test func `when the gateway is not to be asked, what lies there is given back`() async throws {
        let other = OrderFacts.fixture()
        try await withOffice(charges: [.captured(reference: "a"), .captured(reference: "b")]) { office in
            #expect(try await office.worker.poll() == .idle(wakeAt: nil))
            try await office.payments.deliverBatch([ItemReserved(order: order), ItemReserved(order: other)])
            let later = office.payments.clock.now() + .seconds(30)
            office.gateway.becomes(.resting(until: later))
            #expect(try await office.worker.poll() == .idle(wakeAt: later))
            #expect(
                try await office.payments.read { try PaymentQueries($0).nextDueAt(of: .here) }.map { $0 < later }
                    == true)
            // Nothing is committed to meanwhile.
            let third = OrderFacts.fixture()
            try await office.payments.deliver(ItemReserved(order: third))
            #expect(try await !office.isClaimed(third))
            office.payments.clock.advance(to: later)
            office.gateway.becomes(.probing)
            #expect(try await office.worker.poll() == .worked)
            #expect(office.gateway.keys.count == 1)
            office.gateway.becomes(.ready)
            #expect(try await office.worker.poll() == .worked)
            #expect(Set(office.gateway.keys).count == 3 && office.gateway.keys.count == 3)
        }
    }

    @Test func `workers side by side share what lies there, and none is called twice`() async throws {
        let orders = (0..<7).map { _ in OrderFacts.fixture() }
        try await withOffice(limit: 3, charges: (0..<7).map { .captured(reference: "r\($0)") }) { office in
            let lanes = (1...2).map {
                GatewayWorker(office.payments.context, gateway: office.gateway, limit: 3, due: office.due, lane: $0)
            }
            for lane in lanes { _ = try await lane.poll() }
            try await office.payments.deliverBatch(orders.map(ItemReserved.init))
            var claimed = 0
            for order in orders where try await office.isClaimed(order) { claimed += 1 }
            #expect(claimed == 6)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in lanes { group.addTask { while try await lane.poll() == .worked {} } }
                try await group.waitForAll()
            }
            for lane in lanes { while try await lane.poll() == .worked {} }
            #expect(office.gateway.keys.count == 7 && Set(office.gateway.keys).count == 7)
        }
    }

    @Test func `what a process that ends committed to is due at once`() async throws {
        try await withOffice { office in
            #expect(try await office.worker.poll() == .idle(wakeAt: nil))
            try await office.payments.deliver(ItemReserved(order: order))
            try await office.worker.end()
            let elsewhere = ScriptedGateway(charges: [.captured(reference: "r")])
            #expect(try await office.payments.poll(elsewhere).map(\.type) == [PaymentProcessed.type])
            #expect(elsewhere.keys == [order.id.description] && office.gateway.keys.isEmpty)
            try await office.worker.end()
            // What comes now is for others from the first.
            let late = OrderFacts.fixture()
            try await office.payments.deliver(ItemReserved(order: late))
            #expect(try await !office.isClaimed(late))
        }
    }

    @Test func `an answer that leaves the outcome open is asked for again when it is due`() async throws {
        let answers: [ChargeAnswer] = [.unknown(why: "503"), .captured(reference: "r")]
        try await withOffice(charges: answers) { office in
            #expect(try await office.worker.poll() == .idle(wakeAt: nil))
            try await office.payments.deliver(ItemReserved(order: order))
            #expect(try await office.worker.poll() == .worked)
            guard case .idle(let wakeAt?) = try await office.worker.poll() else {
                Issue.record("nothing to wake for")
                return
            }
            #expect(wakeAt <= office.payments.clock.now() + .milliseconds(500))
            office.payments.clock.advance(to: wakeAt)
            #expect(try await office.worker.poll() == .worked)
            #expect(try await office.payments.state(of: order) == .captured)
        }
    }
}
