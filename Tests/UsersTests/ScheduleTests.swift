import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Users

@Suite struct ScheduleTests {
    /// Orders of two users that are paid or undone, their events shuffled and repeated. Only causes precede their effects:
    /// a payment is never processed before the hold it builds on.
    @Test(arguments: UInt64(1)...20)
    func `in any order, however often, money is neither lost nor made`(_ seed: UInt64) async throws {
        try await withUsers(balance: 3000, seed: seed) { users, buyer in
            var random = SplitMix(seed)
            let other = try await users.run(EnsureUser(name: "other", balance: Money(2000))).outcome.id
            var undone: [OrderFacts] = []
            var plans: [[any Event]] = []
            for _ in 0..<25 {
                let order = OrderFacts.costing(
                    .random(in: 0...600, using: &random), by: Bool.random(using: &random) ? buyer : other)
                var plan: [any Event] = [OrderCreated(order: order), OrderCreated(order: order)]
                if Bool.random(using: &random) {
                    undone.append(order)
                    plan += Undo.allCases.shuffled(using: &random).prefix(3).map { $0.event(order) }
                    plan += [Undo.orderFailed.event(order), Undo.orderFailed.event(order)]
                    plan.shuffle(using: &random)
                } else {
                    let isHeld = try await users.deliver(plan[0]).disposition == .applied
                    if isHeld { plan += [PaymentProcessed(order: order), PaymentProcessed(order: order)] }
                    plan.shuffle(using: &random)
                }
                plans.append(plan)
            }
            while !plans.isEmpty {
                let index = Int.random(in: 0..<plans.count, using: &random)
                let outcome = try await users.deliver(plans[index].removeFirst())
                #expect(outcome.fault == nil)
                if plans[index].isEmpty { plans.remove(at: index) }
            }
            #expect(try await users.violations().isEmpty)
            for order in undone {
                let settlement = try await users.settlement(of: order)
                #expect(settlement?.isHeld == false)
                #expect(settlement?.state != .captured)
            }
            let held = try await [users.balance(of: buyer)?.held, users.balance(of: other)?.held]
            #expect(held == [.zero, .zero])
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
