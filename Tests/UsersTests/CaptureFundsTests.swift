import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Users

@Suite struct CaptureFundsTests {
    @Test func `held funds are captured once, however often delivered`() async throws {
        try await withUsers { users, buyer in
            let order = OrderFacts.costing(4000, by: buyer)
            try await users.deliver(OrderCreated(order: order))
            let outcome = try await users.deliver(PaymentProcessed(order: order))
            #expect(outcome.disposition == .applied)
            #expect(outcome.types == [PaymentConfirmed.type])
            let again = try await users.redeliver()
            #expect(again.disposition == .duplicate)
            #expect(again.types.isEmpty)
            let balance = try await users.balance(of: buyer)
            #expect(balance?.available == Money(6000))
            #expect(balance?.held == .zero)
            #expect(balance?.captured == Money(4000))
            #expect(try await users.settlement(of: order)?.state == .captured)
            #expect(try await users.deliver(OrderCreated(order: order)).disposition == .duplicate)
        }
    }

    @Test func `a batch captures for each wallet what its orders held`() async throws {
        try await withUsers { users, buyer in
            let other = try await users.run(EnsureUser(name: "other", balance: Money(50))).outcome.id
            let orders = [OrderFacts.costing(1000, by: buyer), .costing(20, by: other), .costing(300, by: buyer)]
            try await users.deliverBatch(orders.map { OrderCreated(order: $0) })
            let outcomes = try await users.deliverBatch(orders.map { PaymentProcessed(order: $0) })
            #expect(try outcomes.map { try $0.event(PaymentConfirmed.self)?.order.id } == orders.map(\.id))
            #expect(try await users.balance(of: buyer)?.captured == Money(1300))
            #expect(try await users.balance(of: other)?.captured == Money(20))
        }
    }

    /// How an order can be in Users without funds held for it.
    enum Without: CaseIterable, Sendable {
        case anyTrace, hold, acceptance, funds

        func arrange(_ order: OrderFacts, _ users: ParticipantHarness) async throws {
            switch self {
            case .anyTrace: break
            case .hold: try await users.deliver(Undo.orderFailed.event(order))
            case .acceptance:
                try await users.run(SetActive(user: order.userID, isActive: false, actor: order.userID, reason: ""))
                try await users.deliver(OrderCreated(order: order))
            case .funds:
                try await users.deliver(OrderCreated(order: order))
                try await users.deliver(Undo.orderFailed.event(order))
            }
        }
    }

    @Test(arguments: Without.allCases)
    func `a payment without held funds is an alarm and captures nothing`(_ without: Without) async throws {
        try await withUsers { users, buyer in
            let order = OrderFacts.costing(4000, by: buyer)
            try await without.arrange(order, users)
            let before = try await users.settlement(of: order)
            let outcome = try await users.deliver(PaymentProcessed(order: order))
            #expect(outcome.disposition == .parked)
            #expect(outcome.isAlarm)
            #expect(outcome.types.isEmpty)
            #expect(try await users.settlement(of: order) == before)
            #expect(try await users.balance(of: buyer)?.captured == .zero)
        }
    }

    @Test func `an alarm in a batch stops no other order`() async throws {
        try await withUsers { users, buyer in
            let (good, bad) = (OrderFacts.costing(4000, by: buyer), OrderFacts.costing(1, by: buyer))
            try await users.deliver(OrderCreated(order: good))
            let outcomes = try await users.deliverBatch([PaymentProcessed(order: bad), PaymentProcessed(order: good)])
            #expect(outcomes.map(\.disposition) == [.parked, .applied])
            #expect(try await users.balance(of: buyer)?.captured == Money(4000))
        }
    }

    @Test func `a settled order is closed, and no longer changes`() async throws {
        try await withUsers { users, buyer in
            let order = OrderFacts.costing(4000, by: buyer)
            try await users.deliver(OrderCreated(order: order))
            try await users.deliver(PaymentProcessed(order: order))
            try await users.deliver(OrderSettled(orderID: order.id))
            #expect(try await users.settlement(of: order)?.isSettled == true)
            #expect(try await users.deliver(PaymentProcessed(order: order)).disposition == .duplicate)
        }
    }
}
