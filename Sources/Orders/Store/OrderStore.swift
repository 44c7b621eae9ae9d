import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Orders and their lines. `orders_orders` is also the service's state table.
struct OrderStore {
    static let tableName = "orders_orders"

    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    // MARK: Reading

    /// The order as it is.
    func order(_ id: OrderID) throws -> OrderRecord? {
        try orders([id])[id]
    }

    /// The orders as they are; those that do not exist are missing. One is asked for by itself: where only is read PostgreSQL plans for each
    /// list anew, which takes longer than to read one order, and keeps a plan for one.
    func orders(_ ids: [OrderID]) throws -> [OrderID: OrderRecord] {
        let asked = try transaction.asking([
            ids.count == 1
                ? "SELECT \(fixed: OrderRow.columns) FROM orders_orders WHERE subject = \(ids[0])"
                : "SELECT \(fixed: OrderRow.columns) FROM orders_orders WHERE subject IN (\(list: ids))"
        ])
        let lines = try asking(linesOf: ids)
        return try records(asked.rows(), lines.answer())
    }

    /// Locks and reads an order that is to be changed.
    func lock(_ id: OrderID) throws -> OrderRecord? {
        let suffix: StaticString = transaction.dialect == .postgres ? " FOR UPDATE" : ""
        let asked = try transaction.asking([
            "SELECT \(fixed: OrderRow.columns) FROM orders_orders WHERE subject = \(id)\(fixed: suffix)"
        ])
        let lines = try asking(linesOf: [id])
        return try records(asked.rows(), lines.answer())[id]
    }

    func progress(of id: OrderID) throws -> OrderProgress? {
        try transaction.first(
            "SELECT \(fixed: OrderRow.progressColumns) FROM orders_orders WHERE subject = \(id)"
        ).map(OrderRow.progress)
    }

    /// Rows with their lines.
    func records(_ rows: [SQLRow]) throws -> [OrderID: OrderRecord] {
        try records(rows, asking(linesOf: rows.map { OrderID(try $0.uuid("subject")) }).answer())
    }

    /// Lines never change: they may be asked for before the rows of their orders are known.
    func asking(linesOf ids: [OrderID]) throws -> Pending<[OrderID: [OrderLine]]> {
        let asked = try transaction.asking(
            BoundedList.parts(of: ids).map { part in
                part.count == 1
                    ? """
                    SELECT order_id, item_id, name, category_id, unit_price, quantity FROM orders_lines
                    WHERE order_id = \(part[0]) ORDER BY position
                    """
                    : """
                    SELECT order_id, item_id, name, category_id, unit_price, quantity FROM orders_lines
                    WHERE order_id IN (\(list: part)) ORDER BY order_id, position
                    """
            })
        return Pending(asked) { rows in
            var lines: [OrderID: [OrderLine]] = [:]
            for line in rows { lines[OrderID(try line.uuid("order_id")), default: []].append(try OrderRow.line(line)) }
            return lines
        }
    }

    private func records(_ rows: [SQLRow], _ lines: [OrderID: [OrderLine]]) throws -> [OrderID: OrderRecord] {
        let ids = try rows.map { OrderID(try $0.uuid("subject")) }
        let last = try rows.map { try $0.optionalUUID("refund_id").map { RefundID($0) } }
        let refunds = try RefundStore(transaction).refunds(last.compactMap { $0 })
        return Dictionary(
            uniqueKeysWithValues: try zip(zip(ids, rows), last).map { order, refund in
                let (id, row) = order
                return (id, try OrderRow.record(row, lines: lines[id] ?? [], refund: refund.flatMap { refunds[$0] }))
            })
    }

    // MARK: Placing

    /// Inserts new orders with their lines.
    func insert(_ orders: [(facts: OrderFacts, state: OrderState)]) throws {
        try Self.insertion.later(orders, in: transaction) { facts, state in
            let now = facts.orderedAt.milliseconds
            return [
                facts.id.sqlValue, .text(state.rawValue), .bool(false), facts.userID.sqlValue, facts.actor.sqlValue,
                facts.currency.sqlValue, facts.total.sqlValue, facts.discount.sqlValue, facts.final.sqlValue,
                try facts.coupon.map { try OrderRow.encode($0) }.sqlValue, .integer(now),
                .integer(facts.deadline.milliseconds),
                .integer((facts.orderedAt + ResyncSchedule.first).milliseconds), .integer(now), .integer(now),
            ]
        }
        let lines = orders.flatMap { order in order.facts.lines.enumerated().map { (order.facts.id, $0, $1) } }
        try Self.lineInsertion.later(lines, in: transaction) { order, position, line in
            [
                order.sqlValue, .integer(Int64(position)), line.itemID.sqlValue, .text(line.name),
                line.categoryID.sqlValue, line.unitPrice.sqlValue, .integer(line.quantity),
            ]
        }
    }

    private static let insertion = ManyRows(
        into: """
            orders_orders (subject, state, settled, user_id, actor, currency, total, discount, final, coupon, ordered_at,
                deadline, resync_at, created_at, updated_at)
            """,
        columns: [
            .uuid, .text, .bool, .uuid, .uuid, .text, .integer, .integer, .integer, .text, .integer, .integer, .integer,
            .integer, .integer,
        ])
    private static let lineInsertion = ManyRows(
        into: "orders_lines (order_id, position, item_id, name, category_id, unit_price, quantity)",
        columns: [.uuid, .integer, .uuid, .text, .uuid, .integer, .integer])

    // MARK: Moving

    /// PENDING → PROCESSING, with the amounts frozen.
    func begin(_ facts: OrderFacts, userCouponID: UserCouponID, at now: Timestamp) throws {
        try changeOne(
            """
            UPDATE orders_orders SET state = 'PROCESSING', discount = \(facts.discount), final = \(facts.final),
                user_coupon_id = \(userCouponID), updated_at = \(now.milliseconds)
            WHERE subject = \(facts.id) AND state = 'PENDING'
            """)
    }

    /// To FAILED or CANCELLED, from the open state that was read.
    func end(_ id: OrderID, from: OrderState, as state: OrderState, _ ending: OrderEnding, at now: Timestamp) throws {
        try changeOne(
            """
            UPDATE orders_orders SET state = \(state.rawValue), cause = \(ending.cause.rawValue),
                refusal_code = \(ending.refusal.code.rawValue),
                refusal_parameters = \(try OrderRow.encode(ending.refusal.parameters)),
                ended_at = \(now.milliseconds), updated_at = \(now.milliseconds)
            WHERE subject = \(id) AND state = \(from.rawValue)
            """)
    }

    /// Raises the cancel flag of a PROCESSING order that has none.
    func flagCancel(_ id: OrderID, _ cancel: OrderEnding, at now: Timestamp) throws {
        try changeOne(
            """
            UPDATE orders_orders SET cancel_cause = \(cancel.cause.rawValue),
                cancel_code = \(cancel.refusal.code.rawValue),
                cancel_parameters = \(try OrderRow.encode(cancel.refusal.parameters)), updated_at = \(now.milliseconds)
            WHERE subject = \(id) AND state = 'PROCESSING' AND cancel_cause IS NULL
            """)
    }

    /// Moves orders from PROCESSING to CONFIRMED.
    ///
    /// - Returns: the new progress of those that were PROCESSING.
    func confirm(_ ids: [OrderID], at now: Timestamp) throws -> [OrderID: OrderProgress] {
        try changed(
            by: BoundedList.parts(of: ids.sorted()).map { part in
                """
                UPDATE orders_orders SET state = 'CONFIRMED', updated_at = \(now.milliseconds)
                WHERE subject IN (\(list: part)) AND state = 'PROCESSING'
                RETURNING subject, \(fixed: OrderRow.progressColumns)
                """
            })
    }

    /// Sets marks on those orders that are in a state for them and miss one of them. Marks of one order are noted in the same states.
    ///
    /// - Returns: the new progress of those that were changed.
    func note(_ marks: [OrderID: Set<OrderMark>], at now: Timestamp) throws -> [OrderID: OrderProgress] {
        let orders = Dictionary(grouping: marks.keys) { id in
            OrderMark.allCases.filter { marks[id]?.contains($0) == true }
        }
        // In a fixed order, so that the same batch makes the same statements.
        let changes = orders.sorted { $0.key.map(\.rawValue).lexicographicallyPrecedes($1.key.map(\.rawValue)) }
        return try changed(
            by: changes.flatMap { marks, ids in
                BoundedList.parts(of: ids.sorted()).map { Self.noting(marks, of: $0, at: now) }
            })
    }

    private static func noting(_ marks: [OrderMark], of ids: [OrderID], at now: Timestamp) -> SQLStatement {
        var text = SQLStatement.StringInterpolation(literalCapacity: 400, interpolationCount: 4)
        text.appendLiteral("UPDATE orders_orders SET updated_at = ")
        text.appendInterpolation(now.milliseconds)
        for mark in marks {
            text.appendLiteral(", ")
            text.appendInterpolation(fixed: mark.column)
            text.appendLiteral(" = TRUE")
        }
        text.appendLiteral(" WHERE subject IN (")
        text.appendInterpolation(list: ids)
        text.appendLiteral(") AND NOT (")
        for (index, mark) in marks.enumerated() {
            text.appendLiteral(index == 0 ? "" : " AND ")
            text.appendInterpolation(fixed: mark.column)
        }
        text.appendLiteral(") AND state IN (")
        text.appendInterpolation(list: (marks.first?.states ?? []).map(\.rawValue))
        text.appendLiteral(marks.contains { $0.concernsCoupon } ? ") AND coupon IS NOT NULL" : ")")
        text.appendLiteral(" RETURNING subject, ")
        text.appendInterpolation(fixed: OrderRow.progressColumns)
        return SQLStatement(stringInterpolation: text)
    }

    private func changed(by changes: [SQLStatement]) throws -> [OrderID: OrderProgress] {
        guard !changes.isEmpty else { return [:] }
        var progress: [OrderID: OrderProgress] = [:]
        for row in try transaction.rows(all: changes) {
            progress[OrderID(try row.uuid("subject"))] = try OrderRow.progress(row)
        }
        return progress
    }

    /// CONFIRMED → COMPLETED, settled at once where nothing else is due.
    ///
    /// - Returns: the orders as they are then.
    func complete(_ ids: [OrderID], settles: Bool, at now: Timestamp) throws -> [OrderID: OrderRecord] {
        guard !ids.isEmpty else { return [:] }
        let settledAt = settles ? now.milliseconds : nil
        let completed = try transaction.asking(
            BoundedList.parts(of: ids.sorted()).map { part in
                """
                UPDATE orders_orders SET state = 'COMPLETED', ended_at = \(now.milliseconds), settled = \(settles),
                    settled_at = \(settledAt), updated_at = \(now.milliseconds)
                WHERE subject IN (\(list: part)) AND state = 'CONFIRMED' RETURNING \(fixed: OrderRow.columns)
                """
            })
        let lines = try asking(linesOf: ids)
        let rows = try completed.rows()
        guard rows.count == Set(ids).count else { throw Self.raced }
        if settles { announceSettled(ids) }
        let orders = try records(rows, lines.answer())
        announceCompleted(orders.values)
        return orders
    }

    func settle(_ ids: [OrderID], at now: Timestamp) throws {
        // `settled = FALSE` is bound: written out, PostgreSQL would look for the rows in its indexes of all that is open.
        for part in BoundedList.parts(of: Set(ids).sorted()) {
            try transaction.later(
                """
                UPDATE orders_orders SET settled = \(true), settled_at = \(now.milliseconds),
                    updated_at = \(now.milliseconds)
                WHERE subject IN (\(list: part)) AND settled = \(false)
                """, changing: ExpectedChanges(part.count, else: Self.raced))
        }
        announceSettled(ids)
    }

    /// What the outbox holds of settled orders may go.
    func announceSettled(_ ids: [OrderID]) {
        transaction.announce(Outbox.Closed(ids.map(\.uuid), of: OrdersParticipant.service))
    }

    /// Whoever waits for them need not read them.
    func announceCompleted(_ orders: some Collection<OrderRecord>) {
        if !orders.isEmpty { transaction.announce(CompletedOrders(orders: orders.map { OrderView($0) })) }
    }

    private func changeOne(_ statement: SQLStatement) throws {
        guard try transaction.changesOne(statement) else { throw Self.raced }
    }

    /// The delivery is repeated and finds what the other transaction left.
    static let raced = SQLError(.busy, "orders_orders: another transaction changed the row meanwhile")
}
