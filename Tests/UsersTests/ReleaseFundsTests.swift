import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Users

@Suite struct ReleaseFundsTests {
    @Test(arguments: Undo.allCases)
    func `a hold is given back once; only the order's end is acknowledged, as often as it comes`(
        _ undo: Undo
    ) async throws {
        try await withUsers { users, buyer in
            let order = OrderFacts.costing(4000, by: buyer)
            try await users.deliver(OrderCreated(order: order))
            let outcome = try await users.deliver(undo.event(order))
            #expect(outcome.disposition == .applied)
            #expect(outcome.types == undo.emits)
            #expect(try await users.settlement(of: order)?.state == .released)

            let again = try await users.redeliver()
            #expect(again.disposition == (undo.isAcknowledged ? .applied : .duplicate))
            #expect(again.types == undo.emits)
            let balance = try await users.balance(of: buyer)
            #expect(balance?.available == Money(10_000))
            #expect(balance?.held == .zero)
            #expect(try await users.statement(of: buyer).map(\.kind) == [.release, .hold, .deposit])
        }
    }

    @Test(arguments: Undo.allCases)
    func `an undo that comes first leaves a tombstone, and the late order takes nothing`(_ undo: Undo) async throws {
        try await withUsers { users, buyer in
            let order = OrderFacts.costing(4000, by: buyer)
            #expect(try await users.deliver(undo.event(order)).types == undo.emits)
            #expect(try await users.settlement(of: order)?.state == .tombstone)
            #expect(try await users.redeliver().types == undo.emits)

            let late = try await users.deliver(OrderCreated(order: order))
            #expect(late.disposition == .ignored)
            #expect(late.types.isEmpty)
            #expect(try await users.balance(of: buyer)?.available == Money(10_000))
        }
    }

    @Test(arguments: Undo.allCases)
    func `a refused order has nothing to give back and is acknowledged all the same`(_ undo: Undo) async throws {
        try await withUsers(balance: 10) { users, buyer in
            let order = OrderFacts.costing(4000, by: buyer)
            try await users.deliver(OrderCreated(order: order))
            let outcome = try await users.deliver(undo.event(order))
            #expect(outcome.disposition == (undo.isAcknowledged ? .applied : .ignored))
            #expect(outcome.types == undo.emits)
            #expect(try await users.settlement(of: order)?.state == .rejected)
            #expect(try await users.balance(of: buyer)?.available == Money(10))
        }
    }

    @Test(arguments: Undo.allCases)
    func `undoing what was captured is an alarm and changes nothing`(_ undo: Undo) async throws {
        try await withUsers { users, buyer in
            let order = OrderFacts.costing(4000, by: buyer)
            try await users.deliver(OrderCreated(order: order))
            try await users.deliver(PaymentProcessed(order: order))
            let outcome = try await users.deliver(undo.event(order))
            #expect(outcome.disposition == .parked)
            #expect(outcome.isAlarm)
            #expect(outcome.types.isEmpty)
            #expect(try await users.settlement(of: order)?.state == .captured)
            #expect(try await users.balance(of: buyer)?.captured == Money(4000))
            #expect(try await users.audits("saga.alarm") == 1)
        }
    }

    @Test func `what was given back early is acknowledged when the order ends`() async throws {
        try await withUsers { users, buyer in
            let order = OrderFacts.costing(4000, by: buyer)
            try await users.deliver(OrderCreated(order: order))
            try await users.deliver(Undo.paymentFailed.event(order))
            #expect(try await users.deliver(Undo.itemReservationFailed.event(order)).disposition == .duplicate)
            #expect(try await users.deliver(Undo.orderFailed.event(order)).types == [PaymentRollback.type])
            #expect(try await users.balance(of: buyer)?.available == Money(10_000))
        }
    }

    @Test func `giving back is a delta: what happened meanwhile stays`() async throws {
        try await withUsers { users, buyer in
            let (first, second) = (OrderFacts.costing(4000, by: buyer), OrderFacts.costing(1000, by: buyer))
            try await users.deliver(OrderCreated(order: first))
            try await users.run(Deposit(user: buyer, amount: Money(500), reason: "meanwhile"))
            try await users.deliver(OrderCreated(order: second))
            try await users.deliver(Undo.orderCancelled.event(first))
            let balance = try await users.balance(of: buyer)
            #expect(balance?.available == Money(9500))
            #expect(balance?.held == Money(1000))
        }
    }

    @Test func `what is given back is what was held, whatever a later event says`() async throws {
        try await withUsers { users, buyer in
            let order = OrderFacts.costing(4000, by: buyer)
            try await users.deliver(OrderCreated(order: order))
            var changed = order
            changed.final = Money(9999)
            try await users.deliver(Undo.orderFailed.event(changed))
            #expect(try await users.balance(of: buyer)?.available == Money(10_000))
        }
    }
}

extension DeliveryOutcome {
    /// Whether the event was parked as one that a correct system never sends.
    var isAlarm: Bool {
        if case .permanent(.alarm, _) = fault { true } else { false }
    }
}
