import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// The refunds of orders. The order's own row is locked before one of them, and says which is open.
struct RefundStore {
    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    private static let columns: StaticString = """
        refund_id, order_id, state, reason, actor, goods_returned, stock_restocked, wallet_credited, refusal_code, \
        refusal_parameters, opened_at, closed_at
        """

    func refund(_ id: RefundID) throws -> Refund? {
        try transaction.first("SELECT \(fixed: Self.columns) FROM orders_refunds WHERE refund_id = \(id)")
            .map(Self.refund)
    }

    /// Refunds by their ids; those that do not exist are missing.
    func refunds(_ ids: [RefundID]) throws -> [RefundID: Refund] {
        var found: [RefundID: Refund] = [:]
        for part in BoundedList.parts(of: ids) {
            let rows = try transaction.rows(
                "SELECT \(fixed: Self.columns) FROM orders_refunds WHERE refund_id IN (\(list: part))")
            for row in rows {
                let refund = try Self.refund(row)
                found[refund.id] = refund
            }
        }
        return found
    }

    private static func refund(_ row: SQLRow) throws -> Refund {
        let marks = try RefundMark.allCases.filter { try row.bool($0.column.description) }
        return Refund(
            id: RefundID(try row.uuid("refund_id")), orderID: OrderID(try row.uuid("order_id")),
            state: try row.value("state", as: RefundState.self), marks: Set(marks), reason: try row.text("reason"),
            actor: UserID(try row.uuid("actor")),
            refusal: try OrderRow.refusal(row, "refusal_code", "refusal_parameters"),
            openedAt: Timestamp(milliseconds: try row.int64("opened_at")),
            closedAt: try row.optionalInt64("closed_at").map { Timestamp(milliseconds: $0) })
    }

    /// Opens a refund of a completed order: with that the order is not settled any more.
    func open(_ refund: Refund) throws {
        let now = refund.openedAt
        try changeOne(
            """
            UPDATE orders_orders SET refund_id = \(refund.id), refund_open = \(true), settled = \(false),
                settled_at = NULL, resync_count = 0, resynced_at = NULL,
                resync_at = \((now + ResyncSchedule.first).milliseconds), updated_at = \(now.milliseconds)
            WHERE subject = \(refund.orderID) AND state = 'COMPLETED' AND NOT refund_open
            """)
        try changeOne(
            """
            INSERT INTO orders_refunds (refund_id, order_id, state, reason, actor, opened_at, updated_at)
            VALUES (\(refund.id), \(refund.orderID), 'OPEN', \(refund.reason), \(refund.actor), \(now.milliseconds),
                \(now.milliseconds))
            """)
    }

    /// Sets a mark of an open refund that does not have it; the order made progress.
    func note(_ mark: RefundMark, of refund: Refund, at now: Timestamp) throws {
        try changeOne(
            """
            UPDATE orders_refunds SET \(fixed: mark.column) = \(true), updated_at = \(now.milliseconds)
            WHERE refund_id = \(refund.id) AND state = 'OPEN' AND NOT \(fixed: mark.column)
            """)
        try changeOne("UPDATE orders_orders SET updated_at = \(now.milliseconds) WHERE subject = \(refund.orderID)")
    }

    /// OPEN → REFUNDED with the last mark, and the order COMPLETED → REFUNDED.
    func complete(_ refund: Refund, with mark: RefundMark, at now: Timestamp) throws {
        try changeOne(
            """
            UPDATE orders_refunds SET state = 'REFUNDED', \(fixed: mark.column) = \(true),
                closed_at = \(now.milliseconds), updated_at = \(now.milliseconds)
            WHERE refund_id = \(refund.id) AND state = 'OPEN' AND NOT \(fixed: mark.column)
            """)
        try changeOne(
            """
            UPDATE orders_orders SET state = 'REFUNDED', refund_open = \(false), updated_at = \(now.milliseconds)
            WHERE subject = \(refund.orderID) AND state = 'COMPLETED' AND refund_open AND refund_id = \(refund.id)
            """)
    }

    /// OPEN → FAILED; the order is completed as before.
    func fail(_ refund: Refund, because refusal: Refusal, at now: Timestamp) throws {
        try changeOne(
            """
            UPDATE orders_refunds SET state = 'FAILED', refusal_code = \(refusal.code.rawValue),
                refusal_parameters = \(try OrderRow.encode(refusal.parameters)), closed_at = \(now.milliseconds),
                updated_at = \(now.milliseconds)
            WHERE refund_id = \(refund.id) AND state = 'OPEN'
                AND NOT goods_returned AND NOT stock_restocked AND NOT wallet_credited
            """)
        try changeOne(
            """
            UPDATE orders_orders SET refund_open = \(false), updated_at = \(now.milliseconds)
            WHERE subject = \(refund.orderID) AND state = 'COMPLETED' AND refund_open AND refund_id = \(refund.id)
            """)
    }

    // MARK: Requests

    /// The refund that this very request opened before; `nil` if its key is new.
    ///
    /// - Throws: ``OrdersRefusal/idempotencyMismatch`` if the key was used for something else.
    func refund(opened request: IdempotencyRequest) throws -> Refund? {
        let row = try transaction.first(
            """
            SELECT body_hash, refund_id FROM orders_idempotency
            WHERE subject = \(request.subject) AND operation = \(request.operation) AND key = \(request.key)
            """)
        guard let row else { return nil }
        guard try row.text("body_hash") == request.bodyHash, let id = try row.optionalUUID("refund_id"),
            let refund = try refund(RefundID(id))
        else { throw OrdersRefusal.idempotencyMismatch }
        return refund
    }

    /// Claims a new key for a refund.
    ///
    /// - Throws: ``SQLError`` `.busy` if another transaction claimed it first: the request is then repeated and finds it.
    func claim(_ request: IdempotencyRequest, for refund: Refund) throws {
        try changeOne(
            """
            INSERT INTO orders_idempotency (subject, operation, key, body_hash, order_id, refund_id, created_at)
            VALUES (\(request.subject), \(request.operation), \(request.key), \(request.bodyHash), \(refund.orderID),
                \(refund.id), \(refund.openedAt.milliseconds))
            ON CONFLICT (subject, operation, key) DO NOTHING
            """)
    }

    private func changeOne(_ statement: SQLStatement) throws {
        guard try transaction.changesOne(statement) else {
            throw SQLError(.busy, "orders_refunds: another transaction changed the row meanwhile")
        }
    }
}

extension RefundMark {
    /// Its column in `orders_refunds`.
    var column: StaticString {
        switch self {
        case .goodsReturned: "goods_returned"
        case .stockRestocked: "stock_restocked"
        case .walletCredited: "wallet_credited"
        }
    }
}
