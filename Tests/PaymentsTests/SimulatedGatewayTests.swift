import FoundationEssentials
import Payments
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Synchronization
import Testing

@Suite struct `The simulated gateway` {
    private func request(_ order: OrderFacts, amount: Int64 = 1000) -> ChargeRequest {
        ChargeRequest(key: order.id.description, orderID: order.id, amount: Money(amount), currency: .krw)
    }

    private func refund(_ order: OrderFacts, reference: String, key: String = "refund") -> RefundRequest {
        RefundRequest(
            key: "\(order.id)/\(key)", reference: reference, orderID: order.id, amount: order.final, currency: .krw)
    }

    @Test func `what becomes of a key follows from the seed, whoever asks and how often`() async throws {
        let settings = SimulatedGateway.Settings(successRate: 0.5, seed: 7)
        try await withPayments { payments in
            var captured = 0
            for _ in 0..<100 {
                let order = OrderFacts.fixture(id: OrderID(payments.ids.next()))
                let expected = settings.captures(order.id.description)
                for _ in 0..<2 {
                    switch await payments.simulatedGateway(settings).charge(request(order)) {
                    case .captured: #expect(expected)
                    case .declined: #expect(!expected)
                    case .unknown(let why): Issue.record("\(why)")
                    }
                }
                captured += expected ? 1 : 0
            }
            #expect((30...70).contains(captured))
        }
    }

    @Test func `what one process got no answer to another one may get`() async throws {
        let settings = SimulatedGateway.Settings(successRate: 1, unknownRate: 0.5, seed: 7)
        try await withPayments { payments in
            let one = payments.simulatedGateway(settings, lots: 1 << 40)
            let other = payments.simulatedGateway(settings, lots: 1 << 50)
            var unanswered = 0
            var answered = 0
            for _ in 0..<100 {
                let order = OrderFacts.fixture(id: OrderID(payments.ids.next()))
                guard case .unknown = await one.charge(request(order)) else { continue }
                unanswered += 1
                if case .captured = await other.charge(request(order)) { answered += 1 }
            }
            #expect((30...70).contains(unanswered))
            #expect((unanswered / 4...unanswered * 3 / 4).contains(answered))
        }
    }

    @Test(arguments: [0.0, 1.0])
    func `a rate of none or all is exact`(_ rate: Double) {
        let settings = SimulatedGateway.Settings(successRate: rate)
        #expect((0..<1000).allSatisfy { settings.captures("key \($0)") == (rate == 1) })
    }

    @Test func `calls at the same time under one key charge once`() async throws {
        let order = OrderFacts.fixture()
        try await withPayments { payments in
            let gateway = payments.simulatedGateway(.init(successRate: 1))
            let answers = await withTaskGroup(of: ChargeAnswer.self) { group in
                for _ in 0..<20 { group.addTask { await gateway.charge(request(order)) } }
                return await group.reduce(into: Set<ChargeAnswer>()) { $0.insert($1) }
            }
            #expect(answers.count == 1)
            let net = try await payments.gatewayNet(of: order)
            #expect(net == Money(1000))
        }
    }

    @Test func `a key used for another amount is no answer to it`() async throws {
        let order = OrderFacts.fixture()
        try await withPayments { payments in
            let gateway = payments.simulatedGateway(.init(successRate: 1))
            _ = await gateway.charge(request(order))
            guard case .unknown = await gateway.charge(request(order, amount: 999)) else {
                Issue.record("it answered")
                return
            }
        }
    }

    @Test func `no answer comes after the time-out, and half of the unanswered calls were carried out`() async throws {
        let waited = Mutex<Duration>(.zero)
        let settings = SimulatedGateway.Settings(successRate: 1, unknownRate: 1, seed: 3, timeout: .seconds(2))
        try await withPayments { payments in
            let gateway = SimulatedGateway(settings, database: payments.database, clock: payments.clock) { duration in
                waited.withLock { $0 += duration }
            }
            let orders = (0..<100).map { _ in OrderFacts.fixture(id: OrderID(payments.ids.next())) }
            for order in orders {
                guard case .unknown = await gateway.charge(request(order)) else {
                    Issue.record("it answered")
                    return
                }
            }
            #expect(waited.withLock { $0 } == .seconds(200))
            let ids = orders.map(\.id)
            let charged = try await payments.read { try GatewayLedger.net(of: ids, in: $0).count }
            #expect((30...70).contains(charged))
        }
    }

    @Test func `what takes longer than the time-out gets no answer, but is carried out`() async throws {
        let order = OrderFacts.fixture()
        let settings = SimulatedGateway.Settings(
            successRate: 1, latency: .seconds(3) ... .seconds(3), timeout: .seconds(2))
        try await withPayments { payments in
            guard case .unknown = await payments.simulatedGateway(settings).charge(request(order)) else {
                Issue.record("it answered")
                return
            }
            let net = try await payments.gatewayNet(of: order)
            #expect(net == order.final)
        }
    }

    @Test func `an unlucky key gets its answer in the end`() async throws {
        let order = OrderFacts.fixture()
        try await withPayments { payments in
            let gateway = payments.simulatedGateway(.init(successRate: 1, unknownRate: 0.8))
            var answer = ChargeAnswer.unknown(why: "not asked")
            for _ in 0..<200 {
                answer = await gateway.charge(request(order))
                if case .captured = answer { break }
            }
            guard case .captured = answer else {
                Issue.record("200 calls without an answer")
                return
            }
        }
    }

    @Test func `a refund gives all of it back, once`() async throws {
        let order = OrderFacts.fixture()
        try await withPayments { payments in
            let gateway = payments.simulatedGateway(.init(successRate: 1))
            guard case .captured(let reference) = await gateway.charge(request(order)) else {
                Issue.record("not captured")
                return
            }
            #expect(await gateway.refund(refund(order, reference: reference)) == .refunded)
            #expect(await gateway.refund(refund(order, reference: reference)) == .refunded)
            guard case .refused = await gateway.refund(refund(order, reference: reference, key: "other")) else {
                Issue.record("given back twice")
                return
            }
            let net = try await payments.gatewayNet(of: order)
            #expect(net == .zero)
        }
    }

    @Test func `a refusal of a refund is final`() async throws {
        let order = OrderFacts.fixture()
        try await withPayments { payments in
            let gateway = payments.simulatedGateway(.init(successRate: 1, refundRefusalRate: 1))
            _ = await gateway.charge(request(order))
            let reference = SimulatedGateway.Settings().reference(of: order.id.description)
            for _ in 0..<2 {
                guard case .refused = await gateway.refund(refund(order, reference: reference)) else {
                    Issue.record("it was given back")
                    return
                }
            }
        }
    }

    @Test func `a cancelled wait leaves the outcome open and charges nothing`() async throws {
        let order = OrderFacts.fixture()
        try await withPayments { payments in
            let gateway = SimulatedGateway(
                .init(successRate: 1), database: payments.database, clock: payments.clock,
                pause: { _ in throw CancellationError() })
            guard case .unknown = await gateway.charge(request(order)) else {
                Issue.record("it answered")
                return
            }
            let net = try await payments.gatewayNet(of: order)
            #expect(net == nil)
        }
    }
}
