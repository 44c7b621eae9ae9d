import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Coupons

@Suite struct ExpiryTests {
    let buyer = UserID(UUID())
    private static let day = Duration.seconds(86_400)

    private func drain(_ activity: some Activity) async throws -> Timestamp? {
        for _ in 0..<100 { if case .idle(let wakeAt) = try await activity.poll() { return wakeAt } }
        Issue.record("\(activity.name) never rests")
        return nil
    }

    @Test func `a copy is shown as expired at once, and labelled so in batches`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(validity: .relative(days: 1)))
            for _ in 0..<5 { _ = try await coupons.issue(coupon, to: UserID(UUID())) }
            let held = OrderFacts.fixture(userID: buyer, coupon: .code("TEN"))
            try await coupons.deliver(CouponValidationRequested(order: held))
            coupons.clock.advance(by: Self.day)
            let now = coupons.clock.now()
            let shown = try await coupons.read {
                try CouponQueries($0).statistics(days: 7, at: now).figures
            }
            #expect(shown.issued == 6 && shown.expired == 5 && shown.active == 0 && shown.held == 1)
            _ = coupons.takeEmitted()
            let worker = ExpiryWorker(coupons.context, limit: 2)
            let wakeAt = try await drain(worker)
            let emitted = try coupons.takeEmitted().map { try $0.decode(CouponExpired.self).copies.count }
            #expect(emitted == [2, 2, 1])
            #expect(wakeAt == coupons.clock.now() + .seconds(3600))
            let labelled = try await coupons.read {
                try CouponQueries($0).statistics(days: 7, at: now).figures
            }
            #expect(labelled == shown)
        }
    }

    @Test func `the worker wakes for the next expiry, gathering those close together`() async throws {
        try await withCoupons { coupons in
            let worker = ExpiryWorker(coupons.context)
            let start = coupons.clock.now()
            func add(_ seconds: Int64) async throws {
                let validity = CouponValidity.absolute(from: start, until: start + .seconds(seconds))
                _ = try await coupons.issue(
                    try await coupons.add(.fixture(code: nil, validity: validity)), to: buyer)
            }
            try await add(86_400)
            #expect(try await drain(worker) == start + .seconds(3600))
            try await add(600)
            #expect(try await drain(worker) == start + .seconds(600))
            try await add(1)
            #expect(try await drain(worker) == start + .seconds(60))
        }
    }

    @Test func `an owner is warned three days before, once, unless he used it`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(validity: .relative(days: 10)))
            let copy = try await coupons.issue(coupon, to: buyer)
            let used = OrderFacts.fixture(coupon: .code("TEN"))
            try await coupons.deliver(CouponValidationRequested(order: used))
            try await coupons.deliver(OrderCompleted(order: used))
            let worker = ExpiryWarningWorker(coupons.context)
            coupons.clock.advance(by: .seconds(7 * 86_400 - 1))
            _ = coupons.takeEmitted()
            #expect(try await drain(worker) == coupons.clock.now() + .seconds(60))
            #expect(coupons.takeEmitted().isEmpty)
            coupons.clock.advance(by: .seconds(1))
            _ = try await drain(worker)
            let warnings = try coupons.takeEmitted().map { try $0.decode(CouponExpiringWarning.self) }
            #expect(warnings.map(\.userCouponID) == [copy])
            #expect(warnings.first?.userID == buyer && warnings.first?.code == "ten")
            #expect(warnings.first?.expiresAt == coupons.clock.now() + .seconds(3 * 86_400))
            for _ in 0..<4 {
                _ = try await drain(worker)
                coupons.clock.advance(by: Self.day)
            }
            #expect(coupons.takeEmitted().isEmpty)
        }
    }

    @Test func `a held copy is not warned of, but once it is given back`() async throws {
        try await withCoupons { coupons in
            let order = OrderFacts.fixture(userID: buyer, coupon: .code("TEN"))
            _ = try await coupons.add(.fixture(validity: .relative(days: 2)))
            try await coupons.deliver(CouponValidationRequested(order: order))
            let worker = ExpiryWarningWorker(coupons.context)
            _ = coupons.takeEmitted()
            _ = try await drain(worker)
            #expect(coupons.takeEmitted().isEmpty)
            try await coupons.deliver(Undo.orderFailed.event(order))
            _ = try await drain(worker)
            #expect(coupons.takeEmitted().map(\.type) == [CouponExpiringWarning.type])
        }
    }

    @Test func `many owners are warned in batches`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(validity: .relative(days: 3)))
            let users = (0..<50).map { _ in UserID(UUID()) }
            try await coupons.run(IssueCoupons(coupon: coupon, users: users, actor: boss))
            _ = coupons.takeEmitted()
            _ = try await drain(ExpiryWarningWorker(coupons.context, limit: 20))
            let warned = try coupons.takeEmitted().map { try $0.decode(CouponExpiringWarning.self).userID }
            #expect(warned.count == 50 && Set(warned) == Set(users))
        }
    }
}
