import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaTesting
import Synchronization
import Testing

@testable import Orders

@Suite struct CompletionTests {
    private func events(_ facts: OrderFacts) -> [any OrderEvent] {
        [
            PaymentProcessed(order: facts), PaymentConfirmed(order: facts), InventoryConfirmed(order: facts),
            ItemDeducted(order: facts),
        ]
    }

    /// Every order of the pivot and its three confirmations.
    private static let permutations: [[Int]] = {
        func permute(_ rest: [Int]) -> [[Int]] {
            rest.isEmpty ? [[]] : rest.flatMap { head in permute(rest.filter { $0 != head }).map { [head] + $0 } }
        }
        return permute([0, 1, 2, 3])
    }()

    @Test(arguments: permutations)
    func `pivot and confirmations complete the order in any sequence, each delivered twice`(sequence: [Int])
        async throws
    {
        try await withOrders { orders in
            let facts = try await orders.order(in: .processing)
            for (place, index) in sequence.enumerated() {
                let outcome = try await orders.deliver(events(facts)[index])
                #expect(outcome.disposition == .applied)
                let isLast = place == 3
                #expect(outcome.types == (isLast ? [OrderCompleted.type, OrderSettled.type] : []))
                if isLast { #expect(try outcome.event(OrderCompleted.self)?.order == facts) }
                let again = try await orders.redeliver()
                #expect(again.disposition == .duplicate)
                #expect(again.types.isEmpty)
            }
            let view = try await orders.view(facts.id)
            #expect(view.shown == .completed)
            #expect(view.settledAt == view.endedAt)
        }
    }

    @Test(arguments: [[0, 1, 2, 3], [1, 2, 3, 0], [3, 0, 1, 2]], [true, false])
    func `whoever waits for an order is told what is stored`(sequence: [Int], isTogether: Bool) async throws {
        try await withOrders { orders in
            let told = Mutex<[OrderView]>([])
            orders.database.listen { news in
                guard case .committed(let announcements) = news else { return }
                for case let completed as CompletedOrders in announcements {
                    told.withLock { $0 += completed.orders }
                }
            }
            let facts = try await orders.order(in: .processing)
            let parts = sequence.map { events(facts)[$0] }
            if isTogether {
                _ = try await orders.deliverBatch(parts)
            } else {
                for event in parts { try await orders.deliver(event) }
            }
            #expect(try await [orders.view(facts.id)] == told.withLock { $0 })
        }
    }

    @Test func `an order with a coupon is settled once the coupon is used`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .confirmed, coupon: true)
            #expect(try await orders.deliver(CouponUsed(order: facts)).disposition == .ignored)
            try await orders.deliver(PaymentConfirmed(order: facts))
            try await orders.deliver(InventoryConfirmed(order: facts))
            let completed = try await orders.deliver(ItemDeducted(order: facts))
            #expect(completed.types == [OrderCompleted.type])
            #expect(try completed.event(OrderCompleted.self)?.order == facts)
            #expect(try await orders.deliver(CouponUsed(order: facts)).types == [OrderSettled.type])
            #expect(try await orders.redeliver().disposition == .duplicate)
            #expect(try await orders.view(facts.id).settledAt != nil)
        }
    }

    @Test func `a captured payment wins over the cancel flag`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .processing)
            try await orders.run(CancelOrder(order: facts.id, requestedBy: .user(OrdersFixture.user)))
            #expect(try await orders.deliver(PaymentProcessed(order: facts)).disposition == .applied)
            try await orders.confirm(facts)
            let view = try await orders.view(facts.id)
            #expect(view.shown == .completed)
            #expect(view.cause == nil)
            #expect(view.cancelRequested == nil)
        }
    }

    @Test(arguments: [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2]])
    func `confirmations that come together are noted together, and the last of them completes the order`(
        sequence: [Int]
    )
        async throws
    {
        try await withOrders { orders in
            let facts = try await orders.order(in: .processing)
            let other = try await orders.order(in: .confirmed)
            try await orders.deliver(ItemDeducted(order: other))
            let outcomes = try await orders.deliverBatch(
                sequence.map { events(facts)[$0] } + [PaymentConfirmed(order: other), ItemDeducted(order: other)])
            #expect(outcomes.map(\.disposition) == Array(repeating: .applied, count: 6))
            let completing = outcomes.prefix(4).filter { !$0.types.isEmpty }
            #expect(completing.map(\.types) == [[OrderCompleted.type, OrderSettled.type]])
            #expect(outcomes.suffix(2).allSatisfy { $0.types.isEmpty })
            #expect(try await orders.view(facts.id).shown == .completed)
            #expect(
                try await orders.deliver(InventoryConfirmed(order: other)).types == [
                    OrderCompleted.type, OrderSettled.type,
                ])
        }
    }

    @Test func `orders that change differently share a batch, and one that is unknown is left out`() async throws {
        try await withOrders { orders in
            let whole = try await orders.order(in: .processing)
            let early = try await orders.order(in: .processing)
            let last = try await orders.order(in: .confirmed)
            try await orders.deliver(PaymentConfirmed(order: last))
            try await orders.deliver(ItemDeducted(order: last))
            var strange = whole
            strange.id = OrderID(UUID())
            let outcomes = try await orders.deliverBatch(
                events(whole) + [
                    InventoryConfirmed(order: early), InventoryConfirmed(order: last),
                    InventoryConfirmed(order: strange),
                ])
            let completing = outcomes.filter { !$0.types.isEmpty }
            #expect(completing.map(\.types) == Array(repeating: [OrderCompleted.type, OrderSettled.type], count: 2))
            #expect(outcomes.filter { $0.disposition == .ignored }.count == 1)
            #expect(try await orders.progress(whole.id).state == .completed)
            #expect(try await orders.progress(last.id).state == .completed)
            #expect(try await orders.progress(early.id).marks == [.inventoryConfirmed])
            #expect(Set(try completing.map { try $0.event(OrderCompleted.self)?.order.id }) == [whole.id, last.id])
        }
    }

    @Test func `the same confirmation twice in a batch is noted once`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .confirmed)
            let outcomes = try await orders.deliverBatch([
                PaymentConfirmed(order: facts), PaymentConfirmed(order: facts), InventoryConfirmed(order: facts),
                ItemDeducted(order: facts),
            ])
            #expect(outcomes.map(\.disposition).allSatisfy { $0 == .applied || $0 == .duplicate })
            #expect(outcomes.flatMap(\.types) == [OrderCompleted.type, OrderSettled.type])
        }
    }

    @Test func `a batch of one event type serves many orders in one transaction`() async throws {
        try await withOrders { orders in
            var all: [OrderFacts] = []
            for _ in 0..<20 { all.append(try await orders.order(in: .processing)) }
            try await orders.deliverBatch(all.map { PaymentProcessed(order: $0) })
            try await orders.deliverBatch(all.map { PaymentConfirmed(order: $0) })
            try await orders.deliverBatch(all.map { InventoryConfirmed(order: $0) })
            let last = try await orders.deliverBatch(all.map { ItemDeducted(order: $0) })
            #expect(last.allSatisfy { $0.types == [OrderCompleted.type, OrderSettled.type] })
        }
    }
}
