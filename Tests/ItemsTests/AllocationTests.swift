import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import Testing

@testable import Items

@Suite struct AllocationTests {
    let sword = ItemID(UUID())
    let shield = ItemID(UUID())

    private func demand(_ quantities: (ItemID, Int64)...) throws -> Demand {
        try #require(Demand(.fixture(lines: quantities.map { .fixture(itemID: $0.0, quantity: $0.1) })))
    }

    @Test func `earlier orders come first, and one that does not fit takes nothing from those behind it`() throws {
        let allocation = Allocation(
            [try demand((sword, 2), (shield, 1)), try demand((sword, 2)), try demand((sword, 1))],
            from: [sword: StockLevel(stock: 3, isOnSale: true), shield: StockLevel(stock: 1, isOnSale: true)])
        #expect(
            allocation.refusals == [nil, Refusal(.insufficientStock, ["requested": 2, "available": 1]), nil])
        #expect(allocation.taken == [sword: 3, shield: 1])
    }

    @Test func `an order gets all of its lines or none`() throws {
        let allocation = Allocation(
            [try demand((sword, 1), (shield, 1))],
            from: [sword: StockLevel(stock: 9, isOnSale: true), shield: StockLevel(stock: 0, isOnSale: true)])
        #expect(allocation.refusals == [Refusal(.insufficientStock, ["requested": 1, "available": 0])])
        #expect(allocation.taken.isEmpty)
    }

    @Test func `an unknown item and one off sale are refused by name`() throws {
        let allocation = Allocation(
            [try demand((sword, 1)), try demand((shield, 1))], from: [shield: StockLevel(stock: 5, isOnSale: false)])
        #expect(allocation.refusals == [Refusal(.itemNotFound), Refusal(.itemOffSale)])
    }

    @Test func `two lines of one item are one demand`() throws {
        #expect(try demand((sword, 2), (shield, 1), (sword, 3)).quantities.map(\.pieces) == [5, 1])
    }

    @Test(arguments: [[0], [-1], [], [Int64.max, 1]] as [[Int64]])
    func `an impossible quantity is no demand`(quantities: [Int64]) {
        var order = OrderFacts.fixture()
        order.lines = quantities.map { .fixture(itemID: sword, unitPrice: 0, quantity: $0) }
        #expect(Demand(order) == nil)
    }
}
