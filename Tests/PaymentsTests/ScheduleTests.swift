import Payments
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

/// Reservations, cancellations and gateway calls in any order, any number of times, with answers that get lost.
@Suite struct `Any schedule of a payment` {
    @Test(arguments: UInt64(1)...30)
    func `ends in one decision, announced once, that the gateway's book confirms`(_ seed: UInt64) async throws {
        try await withPayments(seed: seed) { payments in
            let random = SeededRandom(seed: seed)
            let gateway = payments.simulatedGateway(
                .init(successRate: 0.7, unknownRate: 0.4, refundRefusalRate: 0.3, seed: seed))
            let orders = (0..<8).map { _ in OrderFacts.fixture(id: OrderID(payments.ids.next())) }
            let cancelled = Set(orders.map(\.id).filter { _ in random.chance(50) })
            var decisions: [OrderID: [EventType]] = [:]
            func note(_ emitted: [Envelope]) {
                for envelope in emitted {
                    guard let subject = envelope.subject else { continue }
                    decisions[OrderID(subject), default: []].append(envelope.type)
                }
            }
            for _ in 0..<120 {
                let order = orders[random.below(orders.count)]
                switch random.below(4) {
                case 0: note(try await payments.deliver(ItemReserved(order: order)).emitted)
                case 1 where cancelled.contains(order.id):
                    note(try await payments.deliver(OrderCancelRequested.fixture(order)).emitted)
                case 2: payments.clock.advance(by: .milliseconds(Int64(random.below(3000))))
                default: note(try await payments.poll(gateway, limit: 1 + random.below(4)))
                }
                #expect(try await payments.violations().isEmpty)
            }
            for order in orders { note(try await payments.deliver(ItemReserved(order: order)).emitted) }
            for _ in 0..<500 {
                note(try await payments.poll(gateway))
                guard let due = try await payments.read({ try PaymentQueries($0).nextDueAt(of: .here) }) else { break }
                payments.clock.advance(to: due)
            }
            for order in orders {
                let settlement = try #require(try await payments.settlement(of: order))
                let isPaid = settlement.state == .captured
                #expect(settlement.state != .processing)
                #expect(decisions[order.id] == [isPaid ? PaymentProcessed.type : PaymentFailed.type])
                #expect(settlement.gatewayNet == (isPaid ? order.final : .zero))
                if !cancelled.contains(order.id) {
                    #expect(isPaid == SimulatedGateway.Settings(successRate: 0.7, seed: seed).captures("\(order.id)"))
                }
            }
            #expect(try await payments.violations().isEmpty)
        }
    }
}
