import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@testable import Items

@Suite struct ReserveStockTests {
    @Test func `every line is reserved, once, however often delivered`() async throws {
        try await withItems { items in
            let (sword, shield) = (try await items.add(stock: 5), try await items.add(stock: 3))
            let order = OrderFacts.of((sword, 2), (shield, 3))
            let outcome = try await items.deliver(InventoryReserved(order: order))
            #expect(outcome.disposition == .applied)
            #expect(outcome.types == [ItemReserved.type])
            #expect(try outcome.event(ItemReserved.self)?.order == order)
            #expect(try await items.counters(of: sword) == Counters(3, 2, 0))
            #expect(try await items.counters(of: shield) == Counters(0, 3, 0))

            let again = try await items.redeliver()
            #expect(again.disposition == .duplicate)
            #expect(again.types.isEmpty)
            #expect(try await items.deliver(InventoryReserved(order: order)).disposition == .duplicate)
            #expect(try await items.counters(of: sword) == Counters(3, 2, 0))
            let settlement = try await items.settlement(of: order)
            #expect(settlement?.isHeld == true)
            #expect(settlement?.quantities == [sword: 2, shield: 3])
            #expect(try await items.reservations(of: order).map(\.status) == [.reserved, .reserved])
        }
    }

    @Test func `short stock is refused once, however often delivered, and takes nothing`() async throws {
        try await withItems { items in
            let (sword, shield) = (try await items.add(stock: 5), try await items.add(stock: 1))
            let order = OrderFacts.of((sword, 2), (shield, 2))
            let outcome = try await items.deliver(InventoryReserved(order: order))
            #expect(outcome.disposition == .refused)
            let failure = try outcome.event(ItemReservationFailed.self)
            #expect(failure?.cause == .refused)
            #expect(failure?.refusal == Refusal(.insufficientStock, ["requested": 2, "available": 1]))
            #expect(try await items.counters(of: sword) == Counters(5, 0, 0))
            #expect(try await items.reservations(of: order).isEmpty)

            // Stock that comes later does not turn the refusal into a hold.
            try await items.run(SetStock(item: shield, newStock: 9, reason: "delivery", actor: boss))
            #expect(try await items.redeliver().disposition == .duplicate)
            #expect(try await items.settlement(of: order)?.state == .rejected)
        }
    }

    @Test func `an unknown item and one off sale are refused`() async throws {
        try await withItems { items in
            let unknown = try await items.deliver(InventoryReserved(order: .of((ItemID(UUID()), 1))))
            #expect(try unknown.event(ItemReservationFailed.self)?.refusal.code == .itemNotFound)
            let sword = try await items.add(stock: 5)
            try await items.run(ChangeItem(item: sword, isOnSale: false, actor: boss, reason: "recall"))
            let offSale = try await items.deliver(InventoryReserved(order: .of((sword, 1))))
            #expect(try offSale.event(ItemReservationFailed.self)?.refusal.code == .itemOffSale)
        }
    }

    @Test func `two lines of one item are checked together`() async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 3)
            let short = try await items.deliver(InventoryReserved(order: .of((sword, 2), (sword, 2))))
            #expect(short.disposition == .refused)
            let fits = try await items.deliver(InventoryReserved(order: .of((sword, 2), (sword, 1))))
            #expect(fits.disposition == .applied)
            #expect(try await items.counters(of: sword) == Counters(0, 3, 0))
        }
    }

    @Test func `a batch that wants more than there is sells exactly what there is`() async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 10)
            let orders = (0..<16).map { _ in OrderFacts.of((sword, 1)) }
            let outcomes = try await items.deliverBatch(orders.map { InventoryReserved(order: $0) })
            #expect(outcomes.map(\.disposition) == (0..<16).map { $0 < 10 ? .applied : .refused })
            #expect(try await items.counters(of: sword) == Counters(0, 10, 0))
            let again = try await items.deliverBatch(orders.map { InventoryReserved(order: $0) })
            #expect(again.allSatisfy { $0.disposition == .duplicate })
        }
    }

    @Test func `a batch changes each item's counter once`() async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 100)
            try await items.given { transaction in
                try transaction.script(
                    """
                    CREATE TABLE changes (item BLOB);
                    CREATE TRIGGER count_changes AFTER UPDATE ON items_items
                    BEGIN INSERT INTO changes VALUES (NEW.id); END;
                    """)
            }
            let orders = (0..<20).map { _ in OrderFacts.of((sword, 2)) }
            try await items.deliverBatch(orders.map { InventoryReserved(order: $0) })
            try await items.deliverBatch(orders.map { PaymentProcessed(order: $0) })
            #expect(try await items.counters(of: sword) == Counters(60, 0, 40))
            let changes = try await items.read { try $0.first("SELECT COUNT(*) AS n FROM changes")?.int64("n") }
            #expect(changes == 2)
        }
    }

    @Test(arguments: [0, -3] as [Int64])
    func `a quantity that is not positive is a broken contract and changes nothing`(quantity: Int64) async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 5)
            var order = OrderFacts.of((sword, 1))
            order.lines[0].quantity = quantity
            let good = OrderFacts.of((sword, 1))
            let outcomes = try await items.deliverBatch([
                InventoryReserved(order: order), InventoryReserved(order: good),
            ])
            #expect(outcomes.map(\.disposition) == [.parked, .applied])
            #expect(try await items.settlement(of: order) == nil)
            #expect(try await items.counters(of: sword) == Counters(4, 1, 0))
        }
    }
}
