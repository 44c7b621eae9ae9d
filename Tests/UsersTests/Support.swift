import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Users

/// Users alone, with one account that has 10,000 won and 7 slots.
func withUsers(
    balance: Int64 = 10_000, seed: UInt64 = 1, _ body: (ParticipantHarness, UserID) async throws -> Void
) async throws {
    try await withParticipant(UsersParticipant.make(), migrations: UsersMigrations.sqlite, seed: seed) { users in
        let buyer = try await users.run(EnsureUser(name: "buyer", balance: Money(balance), slotCapacity: 7)).outcome.id
        try await body(users, buyer)
        #expect(try await users.violations().isEmpty)
    }
}

extension ParticipantHarness {
    func balance(of user: UserID) async throws -> Balance? { try await read { try UserQueries($0).balance(of: user) } }

    func settlement(of order: OrderFacts) async throws -> WalletSettlement? {
        try await read { try UserQueries($0).settlement(of: [order.id])[order.id] }
    }

    func statement(of user: UserID) async throws -> [WalletEntry] {
        try await read { try UserQueries($0).transactions(of: user) }
    }

    /// What breaks any of the service's invariants.
    func violations() async throws -> [String] {
        try await read { transaction in
            try UsersChecks.all.flatMap { check in try check.run(in: transaction).map { "\(check.id): \($0)" } }
        }
    }

    func audits(_ action: String) async throws -> Int64 {
        try await read { transaction in
            try transaction.first("SELECT COUNT(*) AS n FROM saga_audit WHERE action = \(action)")?.int64("n") ?? 0
        }
    }
}

extension OrderFacts {
    /// An order of `user` for that many won.
    static func costing(_ amount: Int64, by user: UserID) -> OrderFacts {
        .fixture(userID: user, lines: [.fixture(unitPrice: amount)])
    }
}

/// Everything that makes Users give a hold back.
enum Undo: String, CaseIterable, Sendable {
    case inventoryReservationFailed, itemReservationFailed, paymentFailed, orderFailed, orderCancelled

    func event(_ order: OrderFacts) -> any Event {
        let refusal = Refusal(.paymentDeclined)
        return switch self {
        case .inventoryReservationFailed:
            InventoryReservationFailed(order: order, cause: .refused, refusal: refusal)
        case .itemReservationFailed: ItemReservationFailed(order: order, cause: .refused, refusal: refusal)
        case .paymentFailed: PaymentFailed(order: order, cause: .declined, refusal: refusal)
        case .orderFailed: OrderFailed(order: order, cause: .declined, refusal: refusal)
        case .orderCancelled: OrderCancelled(order: order, cause: .user, refusal: refusal)
        }
    }

    /// Whether Orders waits for an answer.
    var isAcknowledged: Bool { self == .orderFailed || self == .orderCancelled }

    var emits: [EventType] { isAcknowledged ? [PaymentRollback.type] : [] }
}
