import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Items

@Suite struct RestoreStockTests {
    @Test(arguments: Undo.allCases)
    func `what is held goes back, once, however often delivered`(undo: Undo) async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 5)
            let order = OrderFacts.of((sword, 2))
            try await items.deliver(InventoryReserved(order: order))
            // A delta, not a snapshot: what others did meanwhile stays.
            try await items.deliver(InventoryReserved(order: .of((sword, 1))))
            try await items.run(SetStock(item: sword, newStock: 10, reason: "delivery", actor: boss))

            let outcome = try await items.deliver(undo.event(order))
            #expect(outcome.disposition == .applied)
            #expect(outcome.types == undo.emits)
            #expect(try await items.counters(of: sword) == Counters(12, 1, 0))
            #expect(try await items.settlement(of: order)?.state == .restored)

            let again = try await items.redeliver()
            #expect(again.disposition == (undo.isAcknowledged ? .applied : .duplicate))
            #expect(again.types == undo.emits)
            #expect(try await items.counters(of: sword) == Counters(12, 1, 0))
            #expect(try await items.deliver(InventoryReserved(order: order)).disposition == .duplicate)
        }
    }

    @Test(arguments: Undo.allCases)
    func `an undo that comes first leaves a tombstone, and the late reservation does nothing`(undo: Undo) async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 5)
            let order = OrderFacts.of((sword, 2))
            let outcome = try await items.deliver(undo.event(order))
            #expect(outcome.types == undo.emits)
            #expect(try await items.settlement(of: order)?.state == .tombstone)
            let late = try await items.deliver(InventoryReserved(order: order))
            #expect(late.disposition == .ignored)
            #expect(late.types.isEmpty)
            #expect(try await items.counters(of: sword) == Counters(5, 0, 0))
            #expect(try await items.deliver(undo.event(order)).types == undo.emits)
        }
    }

    @Test(arguments: Undo.allCases)
    func `a rejected order has nothing to give back, but answers`(undo: Undo) async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 1)
            let order = OrderFacts.of((sword, 2))
            try await items.deliver(InventoryReserved(order: order))
            #expect(try await items.deliver(undo.event(order)).types == undo.emits)
            #expect(try await items.settlement(of: order)?.state == .rejected)
            #expect(try await items.counters(of: sword) == Counters(1, 0, 0))
        }
    }

    @Test(arguments: Undo.allCases)
    func `undoing what is sold is an alarm`(undo: Undo) async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 5)
            let order = OrderFacts.of((sword, 2))
            try await items.deliver(InventoryReserved(order: order))
            try await items.deliver(PaymentProcessed(order: order))
            let outcome = try await items.deliver(undo.event(order))
            #expect(outcome.disposition == .parked)
            #expect(outcome.types.isEmpty)
            guard case .permanent(.alarm, _) = outcome.fault else {
                Issue.record("expected an alarm, found \(String(describing: outcome.fault))")
                return
            }
            #expect(try await items.counters(of: sword) == Counters(3, 0, 2))
        }
    }

    @Test(arguments: [Cause.deadline, .user, .admin])
    func `the order's cause overwrites the one noted first, and decides what the reservation shows`(
        cause: Cause
    ) async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 5)
            let order = OrderFacts.of((sword, 2))
            try await items.deliver(InventoryReserved(order: order))
            try await items.deliver(Undo.paymentFailed.event(order, cause: .declined))
            #expect(try await items.settlement(of: order)?.cause == .declined)
            try await items.deliver(Undo.orderFailed.event(order, cause: cause))
            #expect(try await items.settlement(of: order)?.cause == cause)
            // payment.failed never overwrites the order's own cause.
            try await items.deliver(Undo.paymentFailed.event(order, cause: .declined))
            #expect(try await items.settlement(of: order)?.cause == cause)
            let shown: ReservationStatus = cause == .deadline ? .expired : .cancelled
            #expect(try await items.reservations(of: order).map(\.status) == [shown])
        }
    }

    @Test func `settlement closes the row`() async throws {
        try await withItems { items in
            let order = OrderFacts.of((try await items.add(stock: 5), 1))
            try await items.deliver(InventoryReserved(order: order))
            try await items.deliver(Undo.orderCancelled.event(order))
            #expect(try await items.deliver(OrderSettled(orderID: order.id)).disposition == .applied)
            #expect(try await items.settlement(of: order)?.isClosed == true)
            try await items.redeliver()
            #expect(try await items.settlement(of: order)?.isClosed == true)
        }
    }
}
