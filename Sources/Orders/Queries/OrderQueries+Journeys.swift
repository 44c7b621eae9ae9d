import PurchaseContracts
import SQLCore
import SagaChoreography

// MARK: For whoever watches how orders fare

extension OrderQueries {
    /// Where several orders stand; those that do not exist are missing.
    ///
    /// - Throws: ``SQLError``.
    public func standings(_ ids: [OrderID]) throws -> [OrderID: OrderStanding] {
        try OrderStore(transaction).orders(ids).mapValues(OrderStanding.init)
    }

    /// Orders that are not settled, the oldest deadline first.
    ///
    /// - Parameter last: only those behind this one: the last one of the page before, whether or not it is settled by now.
    /// - Throws: ``SQLError``.
    public func openOrders(after last: OrderID? = nil, limit: Int) throws -> [OrderID] {
        let deadline = try last.flatMap { last in
            try transaction.first("SELECT deadline FROM orders_orders WHERE subject = \(last)")?.int64("deadline")
        }
        let statement: SQLStatement =
            if let last, let deadline {
                """
                SELECT subject FROM orders_orders
                WHERE NOT settled AND deadline >= \(deadline) AND (deadline > \(deadline) OR subject > \(last))
                ORDER BY deadline, subject LIMIT \(limit)
                """
            } else {
                "SELECT subject FROM orders_orders WHERE NOT settled ORDER BY deadline, subject LIMIT \(limit)"
            }
        return try transaction.rows(statement).map { OrderID(try $0.uuid("subject")) }
    }

    /// Orders, the newest first, whatever became of them.
    ///
    /// - Parameter last: only older ones than this: the last one of the page before.
    /// - Throws: ``SQLError``.
    public func newestOrders(before last: OrderID? = nil, limit: Int) throws -> [(id: OrderID, state: OrderState)] {
        let statement: SQLStatement =
            if let last {
                "SELECT subject, state FROM orders_orders WHERE subject < \(last) ORDER BY subject DESC LIMIT \(limit)"
            } else {
                "SELECT subject, state FROM orders_orders ORDER BY subject DESC LIMIT \(limit)"
            }
        return try transaction.rows(statement).map { row in
            (OrderID(try row.uuid("subject")), try row.value("state", as: OrderState.self))
        }
    }

    /// Orders that were settled, of the `window` newest, the newest first. One that was ever to be refunded is left out: it was settled
    /// when its refund was over.
    ///
    /// - Throws: ``SQLError``.
    public func lastEnded(limit: Int, window: Int) throws -> [EndedOrder] {
        try transaction.rows(
            """
            SELECT subject, state, coupon IS NOT NULL AS has_coupon, ordered_at, ended_at, settled_at
            FROM (SELECT * FROM orders_orders ORDER BY subject DESC LIMIT \(window)) AS newest
            WHERE settled AND ended_at IS NOT NULL AND refund_id IS NULL ORDER BY subject DESC LIMIT \(limit)
            """
        ).map { row in
            EndedOrder(
                id: OrderID(try row.uuid("subject")), state: try row.value("state", as: OrderState.self),
                hasCoupon: try row.bool("has_coupon"),
                orderedAt: Timestamp(milliseconds: try row.int64("ordered_at")),
                endedAt: Timestamp(milliseconds: try row.int64("ended_at")),
                settledAt: Timestamp(milliseconds: try row.int64("settled_at")))
        }
    }
}
