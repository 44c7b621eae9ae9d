import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaTesting
import Testing

@testable import Orders

@Suite struct QueryTests {
    @Test func `a user's orders come newest first, page by page`() async throws {
        try await withOrders { orders in
            var placed: [OrderID] = []
            for _ in 0..<5 {
                placed.append(try await orders.place().id)
                orders.clock.advance(by: .milliseconds(1))
            }
            let first = try await orders.read { try OrderQueries($0).orders(of: OrdersFixture.user, limit: 3) }
            #expect(first.map(\.id) == Array(placed.reversed().prefix(3)))
            let last = try #require(first.last?.id)
            let second = try await orders.read {
                try OrderQueries($0).orders(of: OrdersFixture.user, before: last, limit: 3)
            }
            #expect(second.map(\.id) == Array(placed.reversed().suffix(2)))
            let strangers = try await orders.read { try OrderQueries($0).orders(of: UserID(UUID()), limit: 3) }
            #expect(strangers.isEmpty)
        }
    }

    @Test func `open orders are counted by status, with the oldest of each`() async throws {
        try await withOrders { orders in
            let none = try await orders.read { try OrderQueries($0).open() }
            #expect(none.isEmpty)
            let begin = orders.clock.now()
            for _ in 0..<2 {
                _ = try await orders.order(in: .processing)
                orders.clock.advance(by: .milliseconds(5))
            }
            _ = try await orders.order(in: .completed)
            try await orders.acknowledge(try await orders.order(in: .failed))
            let open = try await orders.read { try OrderQueries($0).open() }
            #expect(open[.processing] == OpenOrders(count: 2, oldest: begin))
            #expect(open[.failed] == nil, "settled")
            #expect(open[.pending] == nil)
        }
    }

    @Test func `settled orders are listed for checks, the others with their age`() async throws {
        try await withOrders { orders in
            let open = try await orders.order(in: .processing)
            orders.clock.advance(by: .milliseconds(1))
            let completed = try await orders.order(in: .completed)
            orders.clock.advance(by: .milliseconds(1))
            let failed = try await orders.order(in: .failed)
            try await orders.acknowledge(failed)
            let first = try await orders.read { try OrderQueries($0).settled(limit: 1) }
            #expect(first.map(\.id) == [completed.id])
            #expect(first.first?.quantities == [OrdersFixture.sword: 2])
            #expect(first.first?.missing == [])
            let rest = try await orders.read { try OrderQueries($0).settled(after: completed.id, limit: 10) }
            #expect(rest.map(\.state) == [.failed])
            let unsettled = try await orders.read { try OrderQueries($0).unsettled(limit: 10) }
            #expect(unsettled == [UnsettledOrder(id: open.id, state: .processing, since: open.orderedAt)])
            let both = try await orders.read {
                try OrderQueries($0).settlement(of: [open.id, failed.id, OrderID(UUID())])
            }
            #expect(both.mapValues(\.isSettled) == [open.id: false, failed.id: true])
        }
    }

    @Test(arguments: OrderState.allCases)
    func `an unsettled order names what it waits for`(state: OrderState) async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: state, coupon: state != .pending)
            let waiting = try await orders.read { try OrderQueries($0).waitsFor(facts.id) }
            let expected: [EventType] =
                switch state {
                case .pending: ["coupon.validated"]
                case .processing: ["payment.processed"]
                case .confirmed: ["payment.confirmed", "inventory.confirmed", "item.deducted"]
                case .completed, .refunded: ["coupon.used"]
                case .failed, .cancelled:
                    ["payment.rollback", "inventory.rollback", "item.restored", "coupon.released"]
                }
            #expect(waiting?.events == expected)
            #expect(waiting?.since == orders.clock.now())
        }
    }

    @Test func `the marks' names are the types of the events that set them`() {
        let types: [any Marking.Type] = [
            PaymentConfirmed.self, InventoryConfirmed.self, ItemDeducted.self, CouponUsed.self, PaymentRollback.self,
            InventoryRollback.self, ItemRestored.self, CouponReleased.self,
        ]
        #expect(types.count == OrderMark.allCases.count)
        for type in types { #expect(type.mark.eventName == type.type.name) }
    }
}
