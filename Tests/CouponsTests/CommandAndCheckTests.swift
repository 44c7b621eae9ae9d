import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@testable import Coupons

@Suite struct CommandAndCheckTests {
    let buyer = UserID(UUID())

    @Test(arguments: [
        CouponRule.fixture(), .fixture(code: nil, discount: .percentage(basisPoints: 1234, cap: Money(99))),
        .fixture(discount: .fixed(Money(500)), minimum: 7, scope: .items([ItemID(UUID()), ItemID(UUID())])),
        .fixture(
            scope: .categories([CategoryID(UUID())]),
            validity: .absolute(from: Timestamp(milliseconds: 5), until: Timestamp(milliseconds: 9))),
    ])
    func `a rule is stored as it was given, its code in lower case`(rule: CouponRule) async throws {
        try await withCoupons { coupons in
            let id = try await coupons.add(rule)
            let stored = try await coupons.read { try CouponQueries($0).coupon(id) }
            var expected = rule
            expected.code = rule.code?.lowercased()
            #expect(stored?.rule == expected)
            #expect(stored?.isActive == true)
        }
    }

    private static let impossible: [(String, CouponRule)] = [
        ("code", .fixture(code: "")), ("code", .fixture(code: "a b")), ("code", .fixture(code: "쿠폰")),
        ("discountValue", .fixture(discount: .percentage(basisPoints: 0, cap: nil))),
        ("discountValue", .fixture(discount: .percentage(basisPoints: 10_001, cap: nil))),
        ("discountValue", .fixture(discount: .fixed(.zero))),
        ("maxDiscountAmount", .fixture(discount: .percentage(basisPoints: 1, cap: .zero))),
        ("minOrderAmount", .fixture(minimum: -1)), ("applicableTargetIds", .fixture(scope: .items([]))),
        ("totalQuantity", .fixture(quantity: 0)), ("validityType", .fixture(validity: .relative(days: 0))),
        ("validityType", .fixture(validity: .absolute(from: .init(milliseconds: 2), until: .init(milliseconds: 2)))),
    ]

    @Test(arguments: impossible)
    func `an impossible rule is refused with its field`(field: String, rule: CouponRule) async throws {
        try await withCoupons { coupons in
            await #expect(throws: CouponsRefusal.invalid(field: field)) {
                try await coupons.run(CreateCoupon(rule: rule, actor: boss))
            }
        }
    }

    @Test func `a code belongs to one coupon, without regard to case`() async throws {
        try await withCoupons { coupons in
            _ = try await coupons.add(.fixture(code: "Ten"))
            await #expect(throws: CouponsRefusal.codeTaken) {
                try await coupons.run(CreateCoupon(rule: .fixture(code: "tEN"), actor: boss))
            }
            // Any number of coupons may have none.
            _ = try await coupons.add(.fixture(code: nil))
            _ = try await coupons.add(.fixture(code: nil))
        }
    }

    @Test func `a user claims one copy, valid for thirty days`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            let copy = try await coupons.run(ClaimCoupon(.code("ten"), user: buyer)).outcome.copy
            #expect(copy.period.until == coupons.clock.now() + .seconds(30 * 86_400))
            for choice in [ClaimCoupon.Choice.code("TEN"), .coupon(coupon)] {
                await #expect(throws: CouponsRefusal(.couponAlreadyClaimed)) {
                    try await coupons.run(ClaimCoupon(choice, user: buyer))
                }
            }
            #expect(try await coupons.issued(coupon) == 1)
        }
    }

    @Test func `a claim that is sent again under its key takes nothing twice`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            let other = try await coupons.add(.fixture(code: nil))
            let claim = ClaimCoupon(.coupon(coupon), user: buyer, key: "k1")
            let first = try await coupons.run(claim)
            #expect(!first.outcome.isRepeat && !first.emitted.isEmpty)
            // Whatever became of the copy meanwhile: the answer is the first one.
            let order = OrderFacts.fixture(userID: buyer, coupon: .owned(first.outcome.copy.id))
            _ = try await coupons.deliver(CouponValidationRequested(order: order))
            let again = try await coupons.run(claim)
            #expect(again.outcome == ClaimCoupon.Claim(copy: first.outcome.copy, isRepeat: true))
            #expect(again.emitted.isEmpty)
            // By its code it is the same coupon.
            #expect(try await coupons.run(ClaimCoupon(.code("TEN"), user: buyer, key: "k1")).outcome.isRepeat)

            await #expect(throws: CouponsRefusal.keyReused) {
                try await coupons.run(ClaimCoupon(.coupon(other), user: buyer, key: "k1"))
            }
            await #expect(throws: CouponsRefusal(.couponAlreadyClaimed)) {
                try await coupons.run(ClaimCoupon(.coupon(coupon), user: buyer, key: "k2"))
            }
            // A key is its user's.
            #expect(
                try await !coupons.run(ClaimCoupon(.coupon(coupon), user: UserID(UUID()), key: "k1")).outcome.isRepeat)
            #expect(try await coupons.issued(coupon) == 2)
        }
    }

    @Test func `claims are refused by what the rule says`() async throws {
        try await withCoupons { coupons in
            let now = coupons.clock.now()
            let later = try await coupons.add(
                .fixture(code: nil, validity: .absolute(from: now + .seconds(1), until: now + .seconds(2))))
            let past = try await coupons.add(
                .fixture(
                    code: nil,
                    validity: .absolute(from: Timestamp(milliseconds: 0), until: Timestamp(milliseconds: 1))))
            let single = try await coupons.add(.fixture(quantity: 1))
            _ = try await coupons.issue(single, to: UserID(UUID()))
            let off = try await coupons.add(.fixture(code: nil))
            try await coupons.run(SetCouponActive(coupon: off, isActive: false, actor: boss))
            for (coupon, code) in [
                (CouponID(UUID()), .couponNotFound), (later, .couponNotYetValid), (past, .couponExpired),
                (single, .couponOutOfStock), (off, .couponInactive),
            ] as [(CouponID, RefusalCode)] {
                await #expect(throws: CouponsRefusal(code)) {
                    try await coupons.run(ClaimCoupon(.coupon(coupon), user: buyer))
                }
            }
            #expect(try await coupons.copies(of: buyer).isEmpty)
            // An admin may give one out before its time.
            _ = try await coupons.issue(later, to: buyer)
        }
    }

    @Test func `concurrent claims never issue more than there are`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(quantity: 5))
            let commands = coupons.commands
            let taken = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        (try? await commands.run(ClaimCoupon(.coupon(coupon), user: UserID(UUID())))) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(taken == 5)
            #expect(try await coupons.issued(coupon) == 5)
        }
    }

    @Test func `switching off and on is audited, once each`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            for isActive in [false, false, true] {
                let command = SetCouponActive(coupon: coupon, isActive: isActive, actor: boss)
                #expect(try await coupons.run(command).outcome.isActive == isActive)
            }
            let audits = try await coupons.read {
                try $0.rows("SELECT details FROM saga_audit WHERE action = 'coupons.active-set'").count
            }
            #expect(audits == 2)
            await #expect(throws: CouponsRefusal(.couponNotFound)) {
                try await coupons.run(SetCouponActive(coupon: CouponID(UUID()), isActive: true, actor: boss))
            }
        }
    }

    @Test func `the tables refuse what must not be`() async throws {
        try await withCoupons { coupons in
            let copy = try await coupons.issue(try await coupons.add(.fixture(quantity: 1)), to: buyer)
            try await coupons.deliver(
                CouponValidationRequested(order: .fixture(userID: buyer, coupon: .owned(copy))))
            let wrongs: [SQLStatement] = [
                "UPDATE coupons_coupons SET issued = issued + 1", "UPDATE coupons_coupons SET issued = -1",
                "UPDATE coupons_coupons SET code = 'TEN'", "UPDATE coupons_user_coupons SET status = 'ACTIVE'",
                "UPDATE coupons_user_coupons SET order_id = NULL", "UPDATE coupons_saga SET state = 'LOST'",
                "UPDATE coupons_saga SET discount = NULL", "UPDATE coupons_usage SET final = final + 1",
            ]
            for wrong in wrongs {
                let error = await #expect(throws: SQLError.self) { try await coupons.given { try $0.execute(wrong) } }
                #expect(error?.code == .constraint)
            }
        }
    }

    @Test(arguments: [
        ("coupons.issued-within-total", "UPDATE coupons_coupons SET issued = 101"),
        ("coupons.issued-adds-up", "UPDATE coupons_coupons SET issued = 2"),
        ("coupons.copy-matches-order", "UPDATE coupons_saga SET state = 'RELEASED'"),
        ("coupons.order-matches-copy", "UPDATE coupons_user_coupons SET status = 'ACTIVE', order_id = NULL"),
        (
            "coupons.one-order-a-copy",
            """
            INSERT INTO coupons_saga SELECT randomblob(16), state, settled, created_at, updated_at, user_id,
                user_coupon_id, discount FROM coupons_saga
            """
        ),
        ("coupons.usage-matches-order", "UPDATE coupons_usage SET is_confirmed = 1"),
        ("coupons.discount-as-promised", "UPDATE coupons_usage SET discount = discount - 1, final = final + 1"),
        (
            "coupons.expired-in-time",
            "UPDATE coupons_user_coupons SET status = 'EXPIRED', updated_at = expires_at - 1"
        ),
        ("coupons.warned-in-time", "UPDATE coupons_user_coupons SET warned_at = expires_at"),
        (
            "coupons.job-adds-up",
            """
            INSERT INTO coupons_issue_jobs SELECT randomblob(16), id, 'RUNNING', NULL, NULL, 2, 0, randomblob(16),
                randomblob(16), 0, 0, NULL FROM coupons_coupons
            """
        ),
    ])
    func `each check finds what it is for`(_ id: String, _ damage: String) async throws {
        try await withParticipant(CouponsParticipant.make(), migrations: CouponsMigrations.sqlite) { coupons in
            let copy = try await coupons.issue(try await coupons.add(), to: buyer)
            try await coupons.deliver(
                CouponValidationRequested(order: .fixture(userID: buyer, coupon: .owned(copy))))
            let check = try #require(CouponsChecks.all.first { $0.id == id })
            #expect(try await coupons.read { try check.run(in: $0) }.isEmpty)
            try await coupons.given { try $0.script("PRAGMA ignore_check_constraints = ON; \(damage)") }
            #expect(try await !coupons.read { try check.run(in: $0) }.isEmpty)
        }
    }
}
