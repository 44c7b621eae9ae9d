import HTTPPaymentGateway
import Payments
import PurchaseContracts
import PurchaseFixtures
import ReferenceGateway
import SagaChoreography
import SagaTesting
import Testing

/// What the simulated gateway is held to, asked of the HTTP one over a real connection.
@Suite struct `The gateway over HTTP, against the reference gateway` {
    private func orders(_ count: Int) -> [OrderFacts] { (0..<count).map { _ in OrderFacts.fixture() } }

    @Test func `calls at the same time under one key charge once`() async throws {
        let order = OrderFacts.fixture()
        try await Served.run { served in
            let answers = await withTaskGroup(of: ChargeAnswer.self) { group in
                for _ in 0..<20 { group.addTask { await served.gateway.charge(ChargeRequest(order)) } }
                return await group.reduce(into: Set<ChargeAnswer>()) { $0.insert($1) }
            }
            #expect(answers.count == 1)
            #expect(served.reference.charges.map(\.net) == [order.final.minorUnits])
            #expect(served.reference.charges.map(\.orderReference) == [order.id.description])
        }
    }

    @Test func `what becomes of a key is the same however often it is asked`() async throws {
        let orders = orders(60)
        try await Served.run(.misbehaving(\.declineRate, 0.5)) { served in
            var captured = 0
            for order in orders {
                let first = await served.gateway.charge(ChargeRequest(order))
                #expect(await served.gateway.charge(ChargeRequest(order)) == first)
                if case .captured = first { captured += 1 }
                if case .unknown(let why) = first { Issue.record("\(why)") }
            }
            #expect((10...50).contains(captured))
            #expect(served.reference.charges.count { $0.status == "captured" } == captured)
        }
    }

    @Test func `a key used for another amount is no answer to it`() async throws {
        let order = OrderFacts.fixture()
        try await Served.run { served in
            _ = await served.gateway.charge(ChargeRequest(order))
            guard case .unknown = await served.gateway.charge(ChargeRequest(order, amount: Money(999))) else {
                Issue.record("it answered")
                return
            }
        }
    }

    @Test func `a charge that is carried out and never answered is found by its key`() async throws {
        let orders = orders(12)
        try await Served.run(.misbehaving(\.timeoutRate, 0.5), timeout: .milliseconds(300)) { served in
            for order in orders {
                var answer = ChargeAnswer.unknown(why: "not asked")
                for _ in 0..<50 {
                    answer = await served.gateway.charge(ChargeRequest(order))
                    if case .captured = answer { break }
                }
                guard case .captured = answer else {
                    Issue.record("\(answer)")
                    return
                }
            }
            #expect(served.reference.charges.map(\.net).allSatisfy { $0 == orders[0].final.minorUnits })
            #expect(served.reference.charges.count == orders.count)
        }
    }

    @Test func `a refund gives all of it back, once, whatever happens on the way`() async throws {
        let orders = orders(12)
        try await Served.run(.misbehaving(\.errorRate, 0.4)) { served in
            for order in orders {
                var reference: String?
                for _ in 0..<100 where reference == nil {
                    if case .captured(let name) = await served.gateway.charge(ChargeRequest(order)) { reference = name }
                }
                let request = RefundRequest(order, reference: try #require(reference))
                var answer = RefundAnswer.unknown(why: "not asked")
                for _ in 0..<100 where answer != .refunded { answer = await served.gateway.refund(request) }
                #expect(answer == .refunded)
            }
            #expect(served.reference.charges.map(\.net).allSatisfy { $0 == 0 })
            #expect(served.reference.charges.map(\.refunds.count).allSatisfy { $0 == 1 })
        }
    }

    @Test func `a second refund and one that the gateway does not want are refused`() async throws {
        let (order, other) = (OrderFacts.fixture(), OrderFacts.fixture())
        try await Served.run { served in
            guard case .captured(let reference) = await served.gateway.charge(ChargeRequest(order)) else {
                Issue.record("not captured")
                return
            }
            #expect(await served.gateway.refund(RefundRequest(order, reference: reference)) == .refunded)
            guard case .refused = await served.gateway.refund(RefundRequest(order, reference: reference, key: "b"))
            else {
                Issue.record("given back twice")
                return
            }
        }
        try await Served.run(.misbehaving(\.refundRefusalRate, 1)) { served in
            guard case .captured(let reference) = await served.gateway.charge(ChargeRequest(other)) else { return }
            for _ in 0..<2 {
                guard case .refused = await served.gateway.refund(RefundRequest(other, reference: reference)) else {
                    Issue.record("given back")
                    return
                }
            }
        }
    }

    @Test func `a wrong key leaves the outcome open and is not shown`() async throws {
        let order = OrderFacts.fixture()
        try await Served.run(apiKey: "a-wrong-key-with-a-secret") { served in
            guard case .unknown(let why) = await served.gateway.charge(ChargeRequest(order)) else {
                Issue.record("it answered")
                return
            }
            #expect(why.contains("401") && !why.contains("a-wrong-key"))
            #expect(served.reference.charges.isEmpty)
        }
    }

    @Test func `nobody at the address leaves the outcome open`() async throws {
        let transport = HTTPClientTransport(url: "http://127.0.0.1:1", apiKey: Served.apiKey, timeout: .seconds(30))
        let gateway = HTTPPaymentGateway(
            transport, clock: ManualClock(), random: SeededRandom(seed: 1), logger: silent)
        let answer = await gateway.charge(ChargeRequest(OrderFacts.fixture()))
        try await transport.shutdown()
        guard case .unknown(let why) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(why.hasPrefix("no connection"), "\(why)")
    }
}
