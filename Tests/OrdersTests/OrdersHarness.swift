import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting

@testable import Orders

/// Orders alone, with one item on sale for 1,000 and one for 250, and one off sale.
struct OrdersFixture {
    static let sword = ItemID(UUID())
    static let potion = ItemID(UUID())
    static let retired = ItemID(UUID())
    static let user = UserID(UUID())
    static let admin = UserID(UUID())
    static let timeout: Duration = .seconds(300)
    static let settings = OrderSettings(currency: .krw, timeout: timeout)

    static func entry(_ item: ItemID, price: Int64, revision: Int64 = 1, isOnSale: Bool = true) -> CatalogEntry {
        CatalogEntry(
            itemID: item, name: "item", categoryID: nil, price: Money(price), isOnSale: isOnSale, revision: revision)
    }

    static func request(
        _ lines: [(ItemID, Int64)] = [(sword, 2)], coupon: CouponChoice? = nil, key: IdempotencyRequest? = nil
    ) -> PlaceOrder {
        PlaceOrder(
            request: OrderRequest(
                userID: user, lines: lines.map { .init(itemID: $0.0, quantity: $0.1) }, coupon: coupon),
            actor: user, idempotency: key, settings: settings)
    }
}

/// Runs `body`, then every invariant check (those whose ids `confirming` lets through).
func withOrders<Result>(
    _ body: (ParticipantHarness) async throws -> Result,
    confirming: @escaping @Sendable (String) -> Bool = { _ in true }
) async throws -> Result {
    try await withParticipant(OrdersParticipant.make(), migrations: OrdersMigrations.sqlite) { orders in
        let items = [
            OrdersFixture.entry(OrdersFixture.sword, price: 1000),
            OrdersFixture.entry(OrdersFixture.potion, price: 250),
            OrdersFixture.entry(OrdersFixture.retired, price: 1, isOnSale: false),
        ]
        for item in items { try await orders.deliver(ItemCreated(item: item)) }
        let result = try await body(orders)
        let broken = try await orders.read { transaction in
            try OrdersChecks.all.filter { confirming($0.id) }.flatMap { check in
                try check.run(in: transaction).map { "\(check.id): \($0)" }
            }
        }
        guard broken.isEmpty else { throw BrokenInvariant(what: broken) }
        return result
    }
}

struct BrokenInvariant: Error { let what: [String] }
struct NoSuchOrder: Error {}

extension ParticipantHarness {
    /// A placed order's facts: PROCESSING, or PENDING with a coupon.
    func place(coupon: CouponChoice? = nil) async throws -> OrderFacts {
        let result = try await run(OrdersFixture.request(coupon: coupon))
        if let asked = try result.event(CouponValidationRequested.self) { return asked.order }
        guard let created = try result.event(OrderCreated.self) else { throw NoSuchOrder() }
        return created.order
    }

    /// An order brought to a state by the events that lead there.
    func order(in state: OrderState, coupon: Bool = false) async throws -> OrderFacts {
        var facts = try await place(coupon: coupon || state == .pending ? .code("spring") : nil)
        if state == .pending { return facts }
        if coupon {
            facts.discount = Money(500)
            facts.final = Money(1500)
            try await deliver(CouponValidated(order: facts, userCouponID: UserCouponID(UUID())))
        }
        switch state {
        case .pending, .processing: break
        case .confirmed: try await deliver(PaymentProcessed(order: facts))
        case .completed:
            try await deliver(PaymentProcessed(order: facts))
            try await confirm(facts)
        case .refunded:
            try await deliver(PaymentProcessed(order: facts))
            try await confirm(facts)
            let refund = try await openRefund(facts.id)
            try await deliver(InventoryReturned(order: facts, refundID: refund.id))
            try await deliver(ItemRestocked(order: facts, refundID: refund.id))
            try await deliver(WalletCredited(order: facts, refundID: refund.id))
        case .failed:
            try await deliver(PaymentFailed(order: facts, cause: .declined, refusal: Refusal(.paymentDeclined)))
        case .cancelled: try await deliver(PaymentFailed(order: facts, cause: .user, refusal: Refusal(.orderCancelled)))
        }
        return facts
    }

    /// Opens a refund that can be opened.
    func openRefund(_ order: OrderID, key: IdempotencyRequest? = nil) async throws -> RefundView {
        let result = try await run(
            OpenRefund(order: order, reason: "broken", actor: OrdersFixture.admin, idempotency: key))
        guard case .opened(let refund) = result.outcome else { throw NoSuchOrder() }
        return refund
    }

    func confirm(_ facts: OrderFacts) async throws {
        try await deliver(PaymentConfirmed(order: facts))
        try await deliver(InventoryConfirmed(order: facts))
        try await deliver(ItemDeducted(order: facts))
    }

    func acknowledge(_ facts: OrderFacts) async throws {
        try await deliver(PaymentRollback(order: facts))
        try await deliver(InventoryRollback(order: facts))
        try await deliver(ItemRestored(order: facts))
        if facts.coupon != nil { try await deliver(CouponReleased(order: facts)) }
    }

    func view(_ id: OrderID) async throws -> OrderView {
        guard let view = try await read({ try OrderQueries($0).order(id) }) else { throw NoSuchOrder() }
        return view
    }

    func progress(_ id: OrderID) async throws -> OrderProgress {
        guard let progress = try await read({ try OrderStore($0).progress(of: id) }) else { throw NoSuchOrder() }
        return progress
    }
}
