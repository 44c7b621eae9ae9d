import PurchaseContracts
import SQLCore
import SagaChoreography

/// What others may ask of orders, within one transaction.
public struct OrderQueries {
    let transaction: any SQLTransaction
    private var orders: OrderStore { OrderStore(transaction) }

    public init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// One order; `nil` if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func order(_ id: OrderID) throws -> OrderView? {
        try orders.order(id).map { OrderView($0) }
    }

    /// Several orders; those that do not exist are missing.
    ///
    /// - Throws: ``SQLError``.
    public func orders(_ ids: [OrderID]) throws -> [OrderID: OrderView] {
        try orders.orders(ids).mapValues { OrderView($0) }
    }

    /// When each of these orders changed last, in milliseconds since 1970; `nil` for one that has not changed since it was placed,
    /// and those that do not exist are missing.
    ///
    /// - Throws: ``SQLError``.
    public func lastChanges(of ids: [OrderID]) throws -> [OrderID: Int64?] {
        let rows = try transaction.rows(
            "SELECT subject, created_at, updated_at FROM orders_orders WHERE subject IN (\(list: ids))")
        return try Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let changed = try row.int64("updated_at")
                return (OrderID(try row.uuid("subject")), changed == (try row.int64("created_at")) ? nil : changed)
            })
    }

    /// A user's orders, newest first.
    ///
    /// - Parameter last: only older ones than this: the last one of the page before.
    /// - Throws: ``SQLError``.
    public func orders(of user: UserID, before last: OrderID? = nil, limit: Int) throws -> [OrderView] {
        let statement: SQLStatement =
            if let last {
                """
                SELECT \(fixed: OrderRow.columns) FROM orders_orders WHERE user_id = \(user) AND subject < \(last)
                ORDER BY subject DESC LIMIT \(limit)
                """
            } else {
                """
                SELECT \(fixed: OrderRow.columns) FROM orders_orders WHERE user_id = \(user)
                ORDER BY subject DESC LIMIT \(limit)
                """
            }
        return try records(transaction.rows(statement)).map { OrderView($0) }
    }

    /// Whether the catalogue knows all of these items, each in this revision or a later one, so that they can be ordered.
    ///
    /// - Throws: ``SQLError``.
    public func hasItems(_ revisions: [ItemID: Int64]) throws -> Bool {
        let known = try CatalogStore(transaction).entries(of: Array(revisions.keys))
        return revisions.allSatisfy { item, revision in known[item].map { $0.revision >= revision } ?? false }
    }
}

// MARK: For checks across services, and for operators

extension OrderQueries {
    /// What to compare of these orders; those that do not exist are missing.
    ///
    /// - Throws: ``SQLError``.
    public func settlement(of ids: [OrderID]) throws -> [OrderID: OrderSettlement] {
        var settlements: [OrderID: OrderSettlement] = [:]
        for id in ids {
            if let order = try orders.order(id) { settlements[id] = OrderSettlement(order) }
        }
        return settlements
    }

    /// Settled orders, oldest first.
    ///
    /// - Parameter last: only newer ones than this: the last one of the page before.
    /// - Throws: ``SQLError``.
    public func settled(after last: OrderID? = nil, limit: Int) throws -> [OrderSettlement] {
        let statement: SQLStatement =
            if let last {
                """
                SELECT \(fixed: OrderRow.columns) FROM orders_orders WHERE settled AND subject > \(last)
                ORDER BY subject LIMIT \(limit)
                """
            } else {
                "SELECT \(fixed: OrderRow.columns) FROM orders_orders WHERE settled ORDER BY subject LIMIT \(limit)"
            }
        return try records(transaction.rows(statement)).map { OrderSettlement($0) }
    }

    /// In the order of the rows.
    private func records(_ rows: [SQLRow]) throws -> [OrderRecord] {
        let records = try orders.records(rows)
        return try rows.compactMap { records[OrderID(try $0.uuid("subject"))] }
    }

    /// Orders that are not over, the one without progress for longest first.
    ///
    /// - Throws: ``SQLError``.
    public func unsettled(limit: Int) throws -> [UnsettledOrder] {
        try transaction.rows(
            """
            SELECT subject, state, updated_at FROM orders_orders WHERE NOT settled
            ORDER BY updated_at, subject LIMIT \(limit)
            """
        ).map { row in
            UnsettledOrder(
                id: OrderID(try row.uuid("subject")), state: try row.value("state", as: OrderState.self),
                since: Timestamp(milliseconds: try row.int64("updated_at")))
        }
    }

    /// How many orders are not over, by status, and since when (one that is being refunded: since its refund was opened); a status that
    /// none has is missing.
    ///
    /// - Throws: ``SQLError``.
    public func open() throws -> [OrderState: OpenOrders] {
        let rows = try transaction.rows(
            """
            SELECT state, COUNT(*) AS n,
                MIN(CASE WHEN refund_open THEN (SELECT r.opened_at FROM orders_refunds r
                    WHERE r.refund_id = orders_orders.refund_id) ELSE ordered_at END) AS oldest
            FROM orders_orders WHERE NOT settled GROUP BY state
            """)
        var open: [OrderState: OpenOrders] = [:]
        for row in rows {
            open[try row.value("state", as: OrderState.self)] = OpenOrders(
                count: try row.int64("n"), oldest: Timestamp(milliseconds: try row.int64("oldest")))
        }
        return open
    }

    /// What an order waits for; `nil` if it is settled or there is none.
    ///
    /// - Throws: ``SQLError``.
    public func waitsFor(_ id: OrderID) throws -> OrderWaiting? {
        guard let order = try orders.order(id), !order.progress.isSettled else { return nil }
        let events: [EventType] =
            switch order.progress.state {
            case .pending: [CouponValidated.type]
            // Which of the steps before is due, only their services know.
            case .processing: [PaymentProcessed.type]
            case .confirmed, .completed, .refunded, .failed, .cancelled: OrderStanding(order).missing
            }
        return OrderWaiting(events: events, since: order.updatedAt, deadline: order.facts.deadline)
    }
}
