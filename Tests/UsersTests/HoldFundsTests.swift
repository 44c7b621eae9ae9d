import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Users

@Suite struct HoldFundsTests {
    @Test func `the final amount is held and the slot capacity travels on`() async throws {
        try await withUsers { users, buyer in
            let order = OrderFacts.fixture(
                userID: buyer, lines: [.fixture(unitPrice: 3000, quantity: 2)], discount: 1000)
            let outcome = try await users.deliver(OrderCreated(order: order))
            #expect(outcome.disposition == .applied)
            #expect(outcome.types == [UserValidated.type, PaymentReserved.type])
            let reserved = try outcome.event(PaymentReserved.self)
            #expect(reserved?.slotCapacity == 7)
            #expect(reserved?.order == order)
            let balance = try await users.balance(of: buyer)
            #expect(balance?.available == Money(5000))
            #expect(balance?.held == Money(5000))
            let settlement = try await users.settlement(of: order)
            #expect(settlement == WalletSettlement(state: .held, userID: buyer, amount: Money(5000), isSettled: false))
        }
    }

    @Test func `an order is held once, however often delivered`() async throws {
        try await withUsers { users, buyer in
            let order = OrderFacts.costing(4000, by: buyer)
            try await users.deliver(OrderCreated(order: order))
            let again = try await users.redeliver()
            #expect(again.disposition == .duplicate)
            #expect(again.types.isEmpty)
            #expect(try await users.deliver(OrderCreated(order: order)).disposition == .duplicate)
            #expect(try await users.balance(of: buyer)?.held == Money(4000))
        }
    }

    @Test func `an order that costs nothing is held too`() async throws {
        try await withUsers(balance: 0) { users, buyer in
            let order = OrderFacts.fixture(userID: buyer, lines: [.fixture(unitPrice: 500)], discount: 500)
            let outcome = try await users.deliver(OrderCreated(order: order))
            #expect(outcome.types == [UserValidated.type, PaymentReserved.type])
            #expect(try await users.settlement(of: order)?.state == .held)
            #expect(try await users.deliver(PaymentProcessed(order: order)).types == [PaymentConfirmed.type])
        }
    }

    @Test func `a short balance is refused once, with the numbers, and takes nothing`() async throws {
        try await withUsers(balance: 999) { users, buyer in
            let order = OrderFacts.costing(1000, by: buyer)
            let outcome = try await users.deliver(OrderCreated(order: order))
            #expect(outcome.disposition == .refused)
            let failure = try outcome.event(UserValidationFailed.self)
            #expect(failure?.cause == .refused)
            #expect(failure?.refusal == Refusal(.insufficientBalance, ["requested": 1000, "available": 999]))
            #expect(try await users.balance(of: buyer)?.available == Money(999))
            #expect(try await users.settlement(of: order)?.state == .rejected)

            // Money that comes later does not turn the refusal into a hold.
            try await users.run(Deposit(user: buyer, amount: Money(1000), reason: "late"))
            #expect(try await users.redeliver().disposition == .duplicate)
            #expect(try await users.balance(of: buyer)?.held == .zero)
        }
    }

    @Test func `an unknown user is refused, not taken for one with an empty wallet`() async throws {
        try await withUsers { users, _ in
            let failure = try await users.deliver(OrderCreated(order: .fixture())).event(UserValidationFailed.self)
            #expect(failure?.refusal == Refusal(.userNotFound))
        }
    }

    @Test func `an inactive user is refused until activated`() async throws {
        try await withUsers { users, buyer in
            try await users.run(SetActive(user: buyer, isActive: false, actor: buyer, reason: "test"))
            let refused = try await users.deliver(OrderCreated(order: .costing(1, by: buyer)))
            #expect(try refused.event(UserValidationFailed.self)?.refusal == Refusal(.userInactive))
            try await users.run(SetActive(user: buyer, isActive: true, actor: buyer, reason: "test"))
            #expect(try await users.deliver(OrderCreated(order: .costing(1, by: buyer))).disposition == .applied)
        }
    }

    @Test func `holds of one batch that fit together are all taken`() async throws {
        try await withUsers { users, buyer in
            let other = try await users.run(EnsureUser(name: "other", balance: Money(50))).outcome.id
            let orders = [
                OrderFacts.costing(4000, by: buyer), .costing(50, by: other), .costing(6000, by: buyer),
            ]
            let outcomes = try await users.deliverBatch(orders.map { OrderCreated(order: $0) })
            #expect(outcomes.map(\.disposition) == [.applied, .applied, .applied])
            #expect(try outcomes.map { try $0.event(PaymentReserved.self)?.order.id } == orders.map(\.id))
            #expect(try await users.balance(of: buyer)?.available == .zero)
            #expect(try await users.balance(of: other)?.held == Money(50))
            #expect(try await users.statement(of: buyer).prefix(2).map(\.balanceAfter) == [.zero, Money(6000)])
        }
    }

    @Test func `holds of one batch that do not fit together are decided in turn`() async throws {
        try await withUsers { users, buyer in
            let orders = [9000, 2000, 1000].map { OrderFacts.costing($0, by: buyer) }
            let outcomes = try await users.deliverBatch(orders.map { OrderCreated(order: $0) })
            #expect(outcomes.map(\.disposition) == [.applied, .refused, .applied])
            let refusal = try outcomes[1].event(UserValidationFailed.self)?.refusal
            #expect(refusal == Refusal(.insufficientBalance, ["requested": 2000, "available": 1000]))
            #expect(try await users.balance(of: buyer)?.held == Money(10_000))
        }
    }

    @Test func `amounts whose sum does not fit into 64 bits are decided in turn`() async throws {
        try await withUsers { users, buyer in
            let orders = [Int64.max, 10_000, Int64.max].map { OrderFacts.costing($0, by: buyer) }
            let outcomes = try await users.deliverBatch(orders.map { OrderCreated(order: $0) })
            #expect(outcomes.map(\.disposition) == [.refused, .applied, .refused])
        }
    }

    @Test func `a negative amount is parked and credits nobody`() async throws {
        try await withUsers { users, buyer in
            let order = OrderFacts.costing(-5000, by: buyer)
            let outcome = try await users.deliver(OrderCreated(order: order))
            #expect(outcome.fault != nil)
            #expect(try await users.balance(of: buyer)?.available == Money(10_000))
            #expect(try await users.settlement(of: order) == nil)
        }
    }
}
