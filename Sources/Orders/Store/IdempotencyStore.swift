import PurchaseContracts
import SQLCore
import SagaChoreography

/// Which request made which order, so that a client's retry makes no second one. A row lives as long as its order.
struct IdempotencyStore {
    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// The order that the same request made; `nil` if the key is new.
    ///
    /// - Throws: ``OrdersRefusal/idempotencyMismatch`` if the key belongs to another body; ``SQLError``.
    func order(of request: IdempotencyRequest) throws -> OrderID? {
        let row = try transaction.first(
            """
            SELECT body_hash, order_id FROM orders_idempotency
            WHERE subject = \(request.subject) AND operation = \(request.operation) AND key = \(request.key)
            """)
        guard let row else { return nil }
        guard try row.text("body_hash") == request.bodyHash else { throw OrdersRefusal.idempotencyMismatch }
        return OrderID(try row.uuid("order_id"))
    }

    /// Claims a new key for an order.
    ///
    /// - Throws: ``SQLError`` `.busy` if another transaction claimed it first: the request is then repeated and finds it.
    func claim(_ request: IdempotencyRequest, for order: OrderID, at now: Timestamp) throws {
        let isNew = try transaction.changesOne(
            """
            INSERT INTO orders_idempotency (subject, operation, key, body_hash, order_id, created_at)
            VALUES (\(request.subject), \(request.operation), \(request.key), \(request.bodyHash), \(order),
                \(now.milliseconds))
            ON CONFLICT (subject, operation, key) DO NOTHING
            """)
        guard isNew else { throw SQLError(.busy, "orders_idempotency: another transaction claimed the key first") }
    }
}
