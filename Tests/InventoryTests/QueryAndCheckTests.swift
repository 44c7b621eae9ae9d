import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

@testable import Inventory

@Suite struct QueryAndCheckTests {
    @Test func `a user who never ordered has no goods, no slots used and no known capacity`() async throws {
        try await withInventory { inventory in
            let goods = try await inventory.goods(of: .fresh())
            #expect(goods.isEmpty)
            #expect(try await inventory.slots(of: .fresh()) == SlotUsage(used: 0, reserved: 0, capacity: nil))
        }
    }

    @Test func `settlement reports every order it knows, however many are asked for`() async throws {
        try await withInventory { inventory in
            let orders = (0..<600).map { _ in OrderFacts.fixture() }
            try await inventory.deliverBatch(orders.map { PaymentReserved(order: $0, slotCapacity: 1) })
            let asked = orders.map(\.id) + [OrderFacts.fixture().id]
            let settlements = try await inventory.read { try InventoryQueries($0).settlement(of: asked) }
            #expect(settlements.count == 600)
            #expect(settlements.values.allSatisfy { $0.isHeld && $0.quantities.count == 1 })
        }
    }

    @Test(arguments: [
        "UPDATE inventory_accounts SET occupied = capacity + 1",
        "UPDATE inventory_goods SET quantity = -1, reserved = 3",
        "UPDATE inventory_goods SET reserved = 0",
        "UPDATE inventory_holds SET quantity = 0",
        "UPDATE inventory_saga SET settled = 1",
        "UPDATE inventory_saga SET state = 'SOLD'",
    ])
    func `the tables refuse what must not be`(_ wrong: String) async throws {
        try await withInventory { inventory in
            try await inventory.reserve(.fixture())
            let error = await #expect(throws: SQLError.self) { try await inventory.given { try $0.script(wrong) } }
            #expect(error?.code == .constraint)
        }
    }

    @Test(arguments: [
        ("inventory.slots-add-up", "UPDATE inventory_accounts SET occupied = occupied + 1"),
        ("inventory.slots-within-capacity", "UPDATE inventory_accounts SET capacity = 0"),
        ("inventory.goods-add-up", "UPDATE inventory_goods SET reserved = reserved + 1"),
        ("inventory.goods-add-up", "DELETE FROM inventory_goods"),
        ("inventory.holds-have-orders", "UPDATE inventory_saga SET state = 'RELEASED'"),
        ("inventory.holds-have-orders", "DELETE FROM inventory_holds"),
        ("inventory.settled-holds-nothing", "UPDATE inventory_saga SET settled = 1"),
    ])
    func `each check finds what it is for`(_ id: String, _ damage: String) async throws {
        try await withParticipant(
            InventoryParticipant.make(), migrations: InventoryMigrations.sqlite
        ) { inventory in
            try await inventory.own(.fresh(), by: .fresh())
            try await inventory.reserve(.fixture())
            let check = try #require(InventoryChecks.all.first { $0.id == id })
            #expect(try await inventory.read { try check.run(in: $0) }.isEmpty)
            try await inventory.given { try $0.script("PRAGMA ignore_check_constraints = ON; \(damage)") }
            #expect(try await !inventory.read { try check.run(in: $0) }.isEmpty)
        }
    }
}
