import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Users

@Suite struct `The wallet of a refunded order` {
    private let refund = RefundID(UUID())

    @Test func `is credited once, however often delivered, and says so in its statement`() async throws {
        try await withUsers { users, buyer in
            let order = OrderFacts.costing(4000, by: buyer)
            try await users.deliver(OrderCreated(order: order))
            try await users.deliver(PaymentProcessed(order: order))
            try await users.deliver(OrderSettled(orderID: order.id))
            let outcome = try await users.deliver(PaymentRefunded(order: order, refundID: refund))
            #expect(outcome.types == [WalletCredited.type])
            #expect(try await users.redeliver().disposition == .duplicate)
            let balance = try await users.balance(of: buyer)
            #expect(balance?.available == Money(10_000))
            #expect(balance?.captured == Money(4000))
            #expect(balance?.refunded == Money(4000))
            #expect(try await users.settlement(of: order)?.state == .refunded)
            let last = try #require(try await users.statement(of: buyer).first)
            #expect(last.kind == .refund)
            #expect(last.balanceAfter == Money(10_000))
            #expect(try await users.deliver(PaymentProcessed(order: order)).disposition == .duplicate)
            #expect(try await users.violations() == [])
        }
    }

    @Test func `that captured nothing is an alarm`() async throws {
        try await withUsers { users, buyer in
            let order = OrderFacts.costing(4000, by: buyer)
            try await users.deliver(OrderCreated(order: order))
            let outcome = try await users.deliver(PaymentRefunded(order: order, refundID: refund))
            guard case .permanent(.alarm, _) = outcome.fault else {
                Issue.record("no alarm")
                return
            }
            #expect(try await users.balance(of: buyer)?.available == Money(6000))
        }
    }
}
