import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@testable import Coupons

/// Coupons alone; its invariants hold at the end of every test.
func withCoupons(seed: UInt64 = 1, _ body: (ParticipantHarness) async throws -> Void) async throws {
    try await withParticipant(CouponsParticipant.make(), migrations: CouponsMigrations.sqlite, seed: seed) { coupons in
        try await body(coupons)
        #expect(try await coupons.violations().isEmpty)
    }
}

let boss = UserID(UUID())

extension CouponRule {
    /// 10 % off everything, code TEN, for a hundred users.
    static func fixture(
        code: String? = "TEN", discount: Discount = .percentage(basisPoints: 1000, cap: nil), minimum: Int64 = 0,
        scope: CouponScope = .all, quantity: Int64 = 100, validity: CouponValidity = .standard
    ) -> CouponRule {
        CouponRule(
            code: code, discount: discount, minOrderAmount: Money(minimum), scope: scope, totalQuantity: quantity,
            validity: validity)
    }
}

extension ParticipantHarness {
    func add(_ rule: CouponRule = .fixture()) async throws -> CouponID {
        try await run(CreateCoupon(rule: rule, actor: boss)).outcome.id
    }

    func issue(_ coupon: CouponID, to user: UserID) async throws -> UserCouponID {
        try await run(IssueCoupon(coupon: coupon, user: user, actor: boss)).outcome.id
    }

    func copy(_ id: UserCouponID) async throws -> UserCoupon? {
        try await read { try CouponQueries($0).userCoupon(id) }
    }

    func copies(of user: UserID) async throws -> [UserCoupon] {
        try await read { try CouponQueries($0).userCoupons(of: user) }
    }

    func issued(_ id: CouponID) async throws -> Int64? { try await read { try CouponQueries($0).coupon(id) }?.issued }

    func settlement(of order: OrderFacts) async throws -> CouponsSettlement? {
        try await read { try CouponQueries($0).settlement(of: [order.id])[order.id] }
    }

    func usages() async throws -> Int64? {
        try await read { try $0.first("SELECT COUNT(*) AS n FROM coupons_usage")?.int64("n") }
    }

    /// The code of the refusal with which an order's coupon is answered; `nil` if it is not refused.
    func refusal(of order: OrderFacts) async throws -> Refusal? {
        let outcome = try await deliver(CouponValidationRequested(order: order))
        return try outcome.event(CouponValidationFailed.self)?.refusal
    }

    /// What breaks any of the service's invariants.
    func violations() async throws -> [String] {
        try await read { transaction in
            try CouponsChecks.all.flatMap { check in try check.run(in: transaction).map { "\(check.id): \($0)" } }
        }
    }
}

/// An order's ends that undo it.
enum Undo: String, CaseIterable, Sendable {
    case orderFailed, orderCancelled

    func event(_ order: OrderFacts) -> any Event {
        switch self {
        case .orderFailed: OrderFailed(order: order, cause: .declined, refusal: Refusal(.paymentDeclined))
        case .orderCancelled: OrderCancelled(order: order, cause: .user, refusal: Refusal(.orderCancelled))
        }
    }
}
