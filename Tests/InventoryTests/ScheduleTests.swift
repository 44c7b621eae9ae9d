import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Inventory

@Suite struct ScheduleTests {
    /// Orders of two users for few items and fewer slots, paid or undone, their events shuffled and repeated. Only causes
    /// precede their effects: a payment is never processed before the hold it builds on.
    @Test(arguments: UInt64(1)...20)
    func `in any order, however often, slots and goods add up`(_ seed: UInt64) async throws {
        try await withInventory(seed: seed) { inventory in
            var random = SplitMix(seed)
            let users = [UserID.fresh(), .fresh()]
            let items = (0..<6).map { _ in ItemID.fresh() }
            var owned: [ItemID: Int64] = [:]
            var undone: [OrderFacts] = []
            var plans: [[any Event]] = []
            for _ in 0..<25 {
                let user = users[Int.random(in: 0..<2, using: &random)]
                let wanted = items.shuffled(using: &random).prefix(.random(in: 1...3, using: &random))
                let quantities = wanted.map { ($0, Int64.random(in: 1...3, using: &random)) }
                let order = OrderFacts.ordering(Dictionary(uniqueKeysWithValues: quantities), by: user)
                let reserved = PaymentReserved(order: order, slotCapacity: 4)
                var plan: [any Event] = [reserved, reserved]
                if Bool.random(using: &random) {
                    undone.append(order)
                    plan += (Undo.allCases + [.orderFailed]).map { $0.event(order) }
                } else if try await inventory.deliver(reserved).disposition == .applied {
                    plan += [PaymentProcessed(order: order), PaymentProcessed(order: order)]
                    for (item, quantity) in quantities { owned[item, default: 0] += quantity }
                }
                plans.append(plan.shuffled(using: &random))
            }
            while !plans.isEmpty {
                let index = Int.random(in: 0..<plans.count, using: &random)
                let outcome = try await inventory.deliver(plans[index].removeFirst())
                #expect(outcome.fault == nil)
                if plans[index].isEmpty { plans.remove(at: index) }
            }
            #expect(try await inventory.violations().isEmpty)
            for order in undone { #expect(try await inventory.settlement(of: order)?.quantities == [:]) }
            let goods = try await inventory.goods(of: users[0]) + inventory.goods(of: users[1])
            #expect(goods.allSatisfy { $0.reserved == 0 })
            #expect(Dictionary(goods.map { ($0.itemID, $0.quantity) }, uniquingKeysWith: +) == owned)
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
