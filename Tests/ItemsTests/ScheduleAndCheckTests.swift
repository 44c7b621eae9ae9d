import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@testable import Items

@Suite struct ScheduleAndCheckTests {
    /// Many orders on little stock, each with one end, all events shuffled and repeated.
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `no order of duplicated deliveries breaks an invariant`(seed: UInt64) async throws {
        try await withItems(seed: seed) { items in
            let sword = try await items.add(stock: 6)
            var deck: [(turn: UInt64, event: any Event)] = []
            let orders = (0..<8).map { _ in OrderFacts.of((sword, Int64(1 + items.random.next() % 2))) }
            for order in orders {
                for event in [InventoryReserved(order: order)] as [any Event] + Undo.allCases.map({ $0.event(order) }) {
                    for _ in 0...(items.random.next() % 2) { deck.append((items.random.next(), event)) }
                }
            }
            for entry in deck.sorted(by: { $0.turn < $1.turn }) {
                try await items.deliver(entry.event)
                #expect(try await items.violations().isEmpty)
            }
            #expect(try await items.counters(of: sword) == Counters(6, 0, 0))
        }
    }

    @Test func `the tables refuse what does not add up`() async throws {
        try await withItems { items in
            let order = OrderFacts.of((try await items.add(stock: 5), 2))
            try await items.deliver(InventoryReserved(order: order))
            let wrongs: [SQLStatement] = [
                "UPDATE items_items SET stock = stock + 1",
                "UPDATE items_items SET stock = -1, adjustments = -4",
                "UPDATE items_items SET reserved = -1, stock = stock + 3",
                "UPDATE items_saga SET facts = NULL",
                "UPDATE items_saga SET state = 'LOST', facts = NULL",
                "UPDATE items_reservations SET quantity = 0",
            ]
            for wrong in wrongs {
                let error = await #expect(throws: SQLError.self) { try await items.given { try $0.execute(wrong) } }
                #expect(error?.code == .constraint)
            }
        }
    }

    @Test(arguments: [
        ("items.stock-adds-up", "UPDATE items_items SET initial = initial + 1"),
        ("items.none-negative", "UPDATE items_items SET stock = -1"),
        ("items.reserved-is-held", "UPDATE items_items SET reserved = reserved + 1, stock = stock - 1"),
        ("items.sold-is-sold", "UPDATE items_items SET sold = sold + 1, stock = stock - 1"),
        ("items.hold-has-lines", "DELETE FROM items_reservations"),
    ])
    func `each check finds what it is for`(_ id: String, _ damage: String) async throws {
        try await withParticipant(ItemsParticipant.make(), migrations: ItemsMigrations.sqlite) { items in
            let sword = try await items.add(stock: 9)
            let (paid, open) = (OrderFacts.of((sword, 1)), OrderFacts.of((sword, 2)))
            try await items.deliverBatch([InventoryReserved(order: paid), InventoryReserved(order: open)])
            try await items.deliver(PaymentProcessed(order: paid))
            let check = try #require(ItemsChecks.all.first { $0.id == id })
            #expect(try await items.read { try check.run(in: $0) }.isEmpty)
            try await items.given { try $0.script("PRAGMA ignore_check_constraints = ON; \(damage)") }
            #expect(try await !items.read { try check.run(in: $0) }.isEmpty)
        }
    }
}
