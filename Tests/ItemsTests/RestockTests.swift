import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Items

@Suite struct `Stock of a refunded order` {
    private let refund = RefundID(UUID())

    @Test func `can be sold again, once, however often delivered`() async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 5)
            let order = OrderFacts.of((sword, 2))
            try await items.deliver(InventoryReserved(order: order))
            try await items.deliver(PaymentProcessed(order: order))
            try await items.deliver(OrderSettled(orderID: order.id))
            let outcome = try await items.deliver(PaymentRefunded(order: order, refundID: refund))
            #expect(outcome.types == [ItemRestocked.type])
            #expect(try await items.redeliver().disposition == .duplicate)
            #expect(try await items.counters(of: sword) == Counters(5, 0, 2))
            #expect(try await items.settlement(of: order)?.state == .restocked)
            #expect(try await items.reservations(of: order).map(\.status) == [.confirmed])
            #expect(try await items.deliver(PaymentProcessed(order: order)).disposition == .duplicate)
            #expect(try await items.violations() == [])
        }
    }

    @Test func `that is not sold is an alarm`() async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 5)
            let order = OrderFacts.of((sword, 2))
            try await items.deliver(InventoryReserved(order: order))
            let outcome = try await items.deliver(PaymentRefunded(order: order, refundID: refund))
            guard case .permanent(.alarm, _) = outcome.fault else {
                Issue.record("no alarm")
                return
            }
            #expect(try await items.counters(of: sword) == Counters(3, 2, 0))
        }
    }
}
