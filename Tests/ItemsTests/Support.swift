import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Items

/// Items alone; its invariants hold at the end of every test.
func withItems(seed: UInt64 = 1, _ body: (ParticipantHarness) async throws -> Void) async throws {
    try await withParticipant(ItemsParticipant.make(), migrations: ItemsMigrations.sqlite, seed: seed) { items in
        try await body(items)
        #expect(try await items.violations().isEmpty)
    }
}

/// What an item's counters show.
struct Counters: Equatable {
    let stock: Int64
    let reserved: Int64
    let sold: Int64

    init(_ stock: Int64, _ reserved: Int64, _ sold: Int64) {
        self.stock = stock
        self.reserved = reserved
        self.sold = sold
    }
}

let boss = UserID(UUID())

extension ParticipantHarness {
    func add(stock: Int64, name: String = "sword") async throws -> ItemID {
        try await run(CreateItem(name: name, price: Money(1000), stock: stock, actor: boss)).outcome.id
    }

    func counters(of item: ItemID) async throws -> Counters? {
        try await read { try ItemQueries($0).item(item) }.map { Counters($0.stock, $0.reserved, $0.sold) }
    }

    func settlement(of order: OrderFacts) async throws -> ItemsSettlement? {
        try await read { try ItemQueries($0).settlement(of: [order.id])[order.id] }
    }

    func reservations(of order: OrderFacts) async throws -> [Reservation] {
        try await read { try ItemQueries($0).reservations(ofOrder: order.id) }
    }

    /// What breaks any of the service's invariants.
    func violations() async throws -> [String] {
        try await read { transaction in
            try ItemsChecks.all.flatMap { check in try check.run(in: transaction).map { "\(check.id): \($0)" } }
        }
    }

    func audits(_ action: String) async throws -> [String] {
        try await read { transaction in
            try transaction.rows("SELECT details FROM saga_audit WHERE action = \(action) ORDER BY id")
                .map { try $0.text("details") }
        }
    }
}

extension OrderFacts {
    /// An order of that many pieces of each item.
    static func of(_ quantities: (ItemID, Int64)...) -> OrderFacts {
        .fixture(lines: quantities.map { .fixture(itemID: $0.0, quantity: $0.1) })
    }
}

/// Everything that makes Items give a hold back.
enum Undo: String, CaseIterable, Sendable {
    case paymentFailed, orderFailed, orderCancelled

    func event(_ order: OrderFacts, cause: Cause = .declined) -> any Event {
        let refusal = Refusal(.paymentDeclined)
        return switch self {
        case .paymentFailed: PaymentFailed(order: order, cause: cause, refusal: refusal)
        case .orderFailed: OrderFailed(order: order, cause: cause, refusal: refusal)
        case .orderCancelled: OrderCancelled(order: order, cause: cause, refusal: refusal)
        }
    }

    /// Whether Orders waits for an answer.
    var isAcknowledged: Bool { self != .paymentFailed }

    var emits: [EventType] { isAcknowledged ? [ItemRestored.type] : [] }
}
