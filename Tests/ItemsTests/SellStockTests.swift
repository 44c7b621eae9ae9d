import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Items

@Suite struct SellStockTests {
    @Test func `what is held is sold, once, however often delivered`() async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 5)
            let order = OrderFacts.of((sword, 2))
            try await items.deliver(InventoryReserved(order: order))
            let outcome = try await items.deliver(PaymentProcessed(order: order))
            #expect(outcome.types == [ItemDeducted.type])
            #expect(try await items.counters(of: sword) == Counters(3, 0, 2))
            #expect(try await items.redeliver().disposition == .duplicate)
            #expect(try await items.counters(of: sword) == Counters(3, 0, 2))
            #expect(try await items.reservations(of: order).map(\.status) == [.confirmed])
            #expect(try await items.deliver(InventoryReserved(order: order)).disposition == .duplicate)
        }
    }

    @Test(arguments: [HoldState.restored, .tombstone, .rejected, nil])
    func `a payment for what is not held is an alarm and sells nothing`(state: HoldState?) async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 2)
            let order = OrderFacts.of((sword, state == .rejected ? 3 : 2))
            switch state {
            case .restored:
                try await items.deliver(InventoryReserved(order: order))
                try await items.deliver(Undo.orderFailed.event(order))
            case .tombstone: try await items.deliver(Undo.orderFailed.event(order))
            case .rejected: try await items.deliver(InventoryReserved(order: order))
            default: break
            }
            #expect(try await items.settlement(of: order)?.state == state)
            let outcome = try await items.deliver(PaymentProcessed(order: order))
            #expect(outcome.disposition == .parked)
            guard case .permanent(.alarm, _) = outcome.fault else {
                Issue.record("expected an alarm, found \(String(describing: outcome.fault))")
                return
            }
            #expect(try await items.counters(of: sword) == Counters(2, 0, 0))
        }
    }

    @Test func `one alarm in a batch delays nobody`() async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 5)
            let (paid, ghost) = (OrderFacts.of((sword, 2)), OrderFacts.of((sword, 1)))
            try await items.deliver(InventoryReserved(order: paid))
            let outcomes = try await items.deliverBatch([PaymentProcessed(order: ghost), PaymentProcessed(order: paid)])
            #expect(outcomes.map(\.disposition) == [.parked, .applied])
            #expect(try await items.counters(of: sword) == Counters(3, 0, 2))
        }
    }
}
