import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@testable import Inventory

/// Inventory alone; its invariants must hold in the end.
func withInventory(seed: UInt64 = 1, _ body: (ParticipantHarness) async throws -> Void) async throws {
    try await withParticipant(
        InventoryParticipant.make(), migrations: InventoryMigrations.sqlite, seed: seed
    ) { inventory in
        try await body(inventory)
        #expect(try await inventory.violations().isEmpty)
    }
}

extension ParticipantHarness {
    @discardableResult
    func reserve(_ order: OrderFacts, capacity: Int64 = 100) async throws -> DeliveryOutcome {
        try await deliver(PaymentReserved(order: order, slotCapacity: capacity))
    }

    /// A user who owns `quantity` pieces of an item.
    func own(_ item: ItemID, _ quantity: Int64 = 1, by user: UserID) async throws {
        let order = OrderFacts.ordering([item: quantity], by: user)
        try await reserve(order)
        try await deliver(PaymentProcessed(order: order))
    }

    func goods(of user: UserID) async throws -> [Goods] { try await read { try InventoryQueries($0).goods(of: user) } }

    func slots(of user: UserID) async throws -> SlotUsage {
        try await read { try InventoryQueries($0).slots(of: user) }
    }

    func settlement(of order: OrderFacts) async throws -> InventorySettlement? {
        try await read { try InventoryQueries($0).settlement(of: [order.id])[order.id] }
    }

    /// What breaks any of the service's invariants.
    func violations() async throws -> [String] {
        try await read { transaction in
            try InventoryChecks.all.flatMap { check in try check.run(in: transaction).map { "\(check.id): \($0)" } }
        }
    }

    func alarms() async throws -> Int64 {
        try await read { try $0.first("SELECT COUNT(*) AS n FROM saga_audit WHERE severity = 5")?.int64("n") ?? 0 }
    }
}

extension OrderFacts {
    static func ordering(_ quantities: [ItemID: Int64], by user: UserID) -> OrderFacts {
        .fixture(userID: user, lines: quantities.map { .fixture(itemID: $0, quantity: $1) })
    }
}

extension ItemID {
    static func fresh() -> ItemID { ItemID(UUID()) }
}

extension UserID {
    static func fresh() -> UserID { UserID(UUID()) }
}

extension DeliveryOutcome {
    /// Whether the event was parked as one that a correct system never sends.
    var isAlarm: Bool {
        if case .permanent(.alarm, _) = fault { true } else { false }
    }
}

/// Everything that makes Inventory give slots back.
enum Undo: String, CaseIterable, Sendable {
    case itemReservationFailed, paymentFailed, orderFailed, orderCancelled

    func event(_ order: OrderFacts) -> any Event {
        let refusal = Refusal(.insufficientStock)
        return switch self {
        case .itemReservationFailed: ItemReservationFailed(order: order, cause: .refused, refusal: refusal)
        case .paymentFailed: PaymentFailed(order: order, cause: .declined, refusal: refusal)
        case .orderFailed: OrderFailed(order: order, cause: .declined, refusal: refusal)
        case .orderCancelled: OrderCancelled(order: order, cause: .user, refusal: refusal)
        }
    }

    /// Whether Orders waits for an answer.
    var isAcknowledged: Bool { self == .orderFailed || self == .orderCancelled }

    var emits: [EventType] { isAcknowledged ? [InventoryRollback.type] : [] }
}
