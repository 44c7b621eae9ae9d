import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// Orders and their lines. `orders_orders` is also the service's state table.
struct OrderStore {
    static let tableName = "orders_orders"

    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    // MARK: Reading

    /// The order as it is.
    func order(_ id: OrderID) throws -> OrderRecord? {
        let row = try transaction.first(
            "SELECT \(fixed: OrderRow.columns) FROM orders_orders WHERE subject = \(id)")
        return try row.map { try record($0) }
    }

    /// Locks and reads an order that is to be changed.
    func lock(_ id: OrderID) throws -> OrderRecord? {
        let suffix: StaticString = transaction.dialect == .postgres ? " FOR UPDATE" : ""
        let row = try transaction.first(
            "SELECT \(fixed: OrderRow.columns) FROM orders_orders WHERE subject = \(id)\(fixed: suffix)")
        return try row.map { try record($0) }
    }

    func progress(of id: OrderID) throws -> OrderProgress? {
        try transaction.first(
            "SELECT \(fixed: OrderRow.progressColumns) FROM orders_orders WHERE subject = \(id)"
        ).map(OrderRow.progress)
    }

    func record(_ row: SQLRow) throws -> OrderRecord {
        let lines = try transaction.rows(
            """
            SELECT item_id, name, category_id, unit_price, quantity FROM orders_lines
            WHERE order_id = \(try row.uuid("subject")) ORDER BY position
            """)
        return try OrderRow.record(row, lines: lines.map(OrderRow.line))
    }

    // MARK: Placing

    /// Inserts a new order with its lines.
    func insert(_ facts: OrderFacts, as state: OrderState) throws {
        let now = facts.orderedAt.milliseconds
        try transaction.execute(
            """
            INSERT INTO orders_orders
                (subject, state, settled, user_id, actor, currency, total, discount, final, coupon, ordered_at, deadline,
                resync_at, created_at, updated_at)
            VALUES (\(facts.id), \(state.rawValue), \(false), \(facts.userID), \(facts.actor), \(facts.currency),
                \(facts.total), \(facts.discount), \(facts.final), \(try facts.coupon.map { try OrderRow.encode($0) }),
                \(now), \(facts.deadline.milliseconds),
                \((facts.orderedAt + ResyncSchedule.first).milliseconds), \(now), \(now))
            """)
        for (position, line) in facts.lines.enumerated() {
            try transaction.execute(
                """
                INSERT INTO orders_lines (order_id, position, item_id, name, category_id, unit_price, quantity)
                VALUES (\(facts.id), \(position), \(line.itemID), \(line.name), \(line.categoryID), \(line.unitPrice),
                    \(line.quantity))
                """)
        }
    }

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
        try changed(ids) { part in
            """
            UPDATE orders_orders SET state = 'CONFIRMED', updated_at = \(now.milliseconds)
            WHERE subject IN (\(list: part)) AND state = 'PROCESSING'
            RETURNING subject, \(fixed: OrderRow.progressColumns)
            """
        }
    }

    /// Sets a mark on those orders that are in a state for it and do not have it.
    ///
    /// - Returns: the new progress of those that were changed.
    func note(_ mark: OrderMark, of ids: [OrderID], at now: Timestamp) throws -> [OrderID: OrderProgress] {
        let condition: StaticString = mark.concernsCoupon ? " AND coupon IS NOT NULL" : ""
        return try changed(ids) { part in
            """
            UPDATE orders_orders SET \(fixed: mark.column) = \(true), updated_at = \(now.milliseconds)
            WHERE subject IN (\(list: part)) AND NOT \(fixed: mark.column)
                AND state IN (\(list: mark.states.map(\.rawValue)))\(fixed: condition)
            RETURNING subject, \(fixed: OrderRow.progressColumns)
            """
        }
    }

    private func changed(
        _ ids: [OrderID], by change: ([OrderID]) -> SQLStatement
    ) throws -> [OrderID: OrderProgress] {
        var progress: [OrderID: OrderProgress] = [:]
        for part in PaddedList.parts(of: ids.sorted()) {
            for row in try transaction.rows(change(part)) {
                progress[OrderID(try row.uuid("subject"))] = try OrderRow.progress(row)
            }
        }
        return progress
    }

    /// CONFIRMED → COMPLETED, settled at once where nothing else is due.
    func complete(_ id: OrderID, settles: Bool, at now: Timestamp) throws -> OrderRecord {
        let settledAt = settles ? now.milliseconds : nil
        let row = try transaction.first(
            """
            UPDATE orders_orders SET state = 'COMPLETED', ended_at = \(now.milliseconds), settled = \(settles),
                settled_at = \(settledAt), updated_at = \(now.milliseconds)
            WHERE subject = \(id) AND state = 'CONFIRMED' RETURNING \(fixed: OrderRow.columns)
            """)
        guard let row else { throw Self.raced }
        return try record(row)
    }

    func settle(_ id: OrderID, at now: Timestamp) throws {
        try changeOne(
            """
            UPDATE orders_orders SET settled = \(true), settled_at = \(now.milliseconds),
                updated_at = \(now.milliseconds)
            WHERE subject = \(id) AND NOT settled
            """)
    }

    private func changeOne(_ statement: SQLStatement) throws {
        guard try transaction.changesOne(statement) else { throw Self.raced }
    }

    /// The delivery is repeated and finds what the other transaction left.
    private static let raced = SQLError(.busy, "orders_orders: another transaction changed the row meanwhile")
}
