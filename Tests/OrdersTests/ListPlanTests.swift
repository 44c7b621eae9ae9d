import PurchaseContracts
import SQLCore
import SagaTesting
import Testing

@testable import Orders

/// However many orders are stored, lists find theirs by an index and read no more than they show.
@Suite struct `The lists of orders` {
    /// How SQLite goes about what `ask` asks, with an order to go on behind.
    private func plan(
        _ ask: @escaping @Sendable (OrderQueries, OrderID) throws -> Void
    ) async throws -> [String] {
        try await withOrders { orders in
            let order = try await orders.place().id
            let plans = ExplainedTransaction.Plans()
            try await orders.read { transaction in
                try ask(OrderQueries(ExplainedTransaction(transaction, plans)), order)
            }
            return plans.all
        }
    }

    private func expectNoWalk(_ plan: [String], by index: String) {
        #expect(plan.contains { $0.contains(index) }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test func `find open orders by their deadline, without sorting`() async throws {
        let first = try await plan { queries, _ in _ = try queries.openOrders(limit: 500) }
        expectNoWalk(first, by: "USING INDEX orders_orders_by_deadline")
        let next = try await plan { queries, last in _ = try queries.openOrders(after: last, limit: 500) }
        expectNoWalk(next, by: "USING INDEX orders_orders_by_deadline (deadline>?)")
    }

    @Test func `find a user's orders by the user, in their order`() async throws {
        let first = try await plan { queries, _ in _ = try queries.orders(of: OrdersFixture.user, limit: 100) }
        expectNoWalk(first, by: "USING INDEX orders_orders_by_user (user_id=?)")
        let next = try await plan { queries, last in
            _ = try queries.orders(of: OrdersFixture.user, before: last, limit: 100)
        }
        expectNoWalk(next, by: "USING INDEX orders_orders_by_user (user_id=? AND subject<?)")
    }

    @Test func `walk the newest orders along their ids, from where the page before ended`() async throws {
        let first = try await plan { queries, _ in _ = try queries.newestOrders(limit: 100) }
        #expect(first == ["SCAN orders_orders"], "in the order of the primary key, with nothing to sort")
        let next = try await plan { queries, last in _ = try queries.newestOrders(before: last, limit: 100) }
        expectNoWalk(next, by: "USING PRIMARY KEY (subject<?)")
    }

    @Test func `find the orders of a page by their ids`() async throws {
        let plan = try await plan { queries, order in _ = try queries.standings([order]) }
        expectNoWalk(plan, by: "SEARCH orders_orders USING PRIMARY KEY (subject=?)")
    }
}
