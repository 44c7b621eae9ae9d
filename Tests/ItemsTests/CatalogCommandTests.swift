import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@testable import Items

@Suite struct CatalogCommandTests {
    @Test func `a new item is announced, audited and on sale`() async throws {
        try await withItems { items in
            let category = try await items.run(CreateCategory(name: "weapons", actor: boss)).outcome.id
            let result = try await items.run(
                CreateItem(
                    name: "  마법검 ", description: "sharp", categoryID: category, price: Money(10_000), stock: 50,
                    actor: boss))
            #expect(try result.event(ItemCreated.self)?.item == result.outcome.catalogEntry)
            #expect(result.outcome.name == "마법검")
            #expect(result.outcome.isOnSale)
            let stored = try await items.read { try ItemQueries($0).item(result.outcome.id) }
            #expect(stored == result.outcome)
            #expect(try await items.audits("items.item-created").count == 1)
        }
    }

    private static let impossible: [(field: String, name: String, price: Int64, stock: Int64)] = [
        ("name", "", 1, 1), ("name", "  \n", 1, 1), ("price", "x", -1, 1), ("price", "x", .max, 1),
        ("stock", "x", 1, -1), ("stock", "x", 1, .max),
    ]

    @Test(arguments: impossible)
    func `an impossible item is refused`(field: String, name: String, price: Int64, stock: Int64) async throws {
        try await withItems { items in
            await #expect(throws: ItemsRefusal.invalid(field: field)) {
                try await items.run(CreateItem(name: name, price: Money(price), stock: stock, actor: boss))
            }
            let catalogue = try await items.read { try ItemQueries($0).items(limit: 10) }
            #expect(catalogue.isEmpty)
        }
    }

    @Test func `an id is used once`() async throws {
        try await withItems { items in
            let id = try await items.add(stock: 1)
            await #expect(throws: ItemsRefusal.itemExists(id)) {
                try await items.run(CreateItem(id: id, name: "other", price: .zero, stock: 9, actor: boss))
            }
            #expect(try await items.counters(of: id) == Counters(1, 0, 0))
        }
    }

    @Test func `test data is added once and never reset`() async throws {
        try await withItems { items in
            let first = try await items.run(EnsureItem(name: "방패", price: Money(5000), stock: 30))
            #expect(first.types == [ItemCreated.type])
            try await items.deliver(InventoryReserved(order: .of((first.outcome.id, 4))))
            let again = try await items.run(EnsureItem(name: "방패", price: Money(9), stock: 99))
            #expect(again.types.isEmpty)
            #expect(again.outcome.id == first.outcome.id)
            #expect(again.outcome.stock == 26)
            #expect(again.outcome.price == Money(5000))
            // An item of the same name that a manager adds is another one.
            #expect(try await items.add(stock: 1, name: "방패") != first.outcome.id)
        }
    }

    @Test func `a change raises the revision and says what was before`() async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 5)
            let result = try await items.run(
                ChangeItem(item: sword, price: Money(1200), isOnSale: false, actor: boss, reason: "sale is over"))
            let entry = try result.event(ItemChanged.self)?.item
            #expect(entry?.revision == 2)
            #expect(entry?.price == Money(1200))
            #expect(entry?.isOnSale == false)
            #expect(entry?.name == "sword")
            let audit = try #require(try await items.audits("items.item-changed").first)
            #expect(audit.contains(#""price.old":"1000""#) && audit.contains(#""price.new":"1200""#))
            let same = try await items.run(ChangeItem(item: sword, price: Money(1200), actor: boss, reason: "again"))
            #expect(same.types.isEmpty)
            #expect(same.outcome.revision == 2)
            let unknown = ItemID(UUID())
            await #expect(throws: ItemsRefusal.itemNotFound(unknown)) {
                try await items.run(ChangeItem(item: unknown, name: "x", actor: boss, reason: "x"))
            }
        }
    }

    @Test func `stock set by hand leaves reserved and sold pieces alone`() async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 10)
            let (held, sold) = (OrderFacts.of((sword, 3)), OrderFacts.of((sword, 2)))
            try await items.deliverBatch([InventoryReserved(order: held), InventoryReserved(order: sold)])
            try await items.deliver(PaymentProcessed(order: sold))
            let result = try await items.run(SetStock(item: sword, newStock: 1, reason: "count", actor: boss))
            #expect(result.outcome == SetStock.Outcome(old: 5, new: 1))
            #expect(try await items.counters(of: sword) == Counters(1, 3, 2))
            let audit = try #require(try await items.audits("items.stock-set").first)
            #expect(audit.contains(#""old":"5""#) && audit.contains(#""new":"1""#))
            try await items.deliver(Undo.orderFailed.event(held))
            #expect(try await items.counters(of: sword) == Counters(4, 0, 2))
        }
    }

    @Test func `impossible stock is refused`() async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 10)
            await #expect(throws: ItemsRefusal.invalid(field: "newStock")) {
                try await items.run(SetStock(item: sword, newStock: -1, reason: "count", actor: boss))
            }
            await #expect(throws: ItemsRefusal.invalid(field: "reason")) {
                try await items.run(SetStock(item: sword, newStock: 1, reason: " ", actor: boss))
            }
            #expect(try await items.audits("items.stock-set").isEmpty)
        }
    }

    @Test func `the catalogue is paged, newest first`() async throws {
        try await withItems { items in
            var added: [ItemID] = []
            for number in Int64(1)...5 {
                items.clock.advance(by: .milliseconds(1))
                added.append(try await items.add(stock: number))
            }
            let first = try await items.read { try ItemQueries($0).items(limit: 3) }
            let rest = try await items.read { try ItemQueries($0).items(after: first.last?.id, limit: 3) }
            #expect((first + rest).map(\.id) == added.reversed())
        }
    }
}
