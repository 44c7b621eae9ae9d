import PurchaseContracts
import SQLCore
import SagaChoreography

/// Which request made which order, so that a client's retry makes no second one. A row lives as long as its order.
struct IdempotencyStore {
    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// What was asked under a key, and the order that it made.
    struct Claim {
        let request: IdempotencyRequest
        let order: OrderID
    }

    /// The claims of those keys that are not new.
    func claims(of requests: [IdempotencyRequest]) throws -> [Claim] {
        try Self.reading.rows(requests, in: transaction) { request in
            [request.subject.sqlValue, .text(request.operation), .text(request.key)]
        }.map { row in
            Claim(
                request: IdempotencyRequest(
                    subject: UserID(try row.uuid("subject")), operation: try row.text("operation"),
                    key: try row.text("key"), bodyHash: try row.text("body_hash")),
                order: OrderID(try row.uuid("order_id")))
        }
    }

    /// Claims new keys, each for its order.
    ///
    /// - Throws: ``SQLError`` `.busy` if another transaction claimed one first: the request is then repeated and finds it.
    func add(_ claims: [Claim], at now: Timestamp) throws {
        let raced = SQLError(.busy, "orders_idempotency: another transaction claimed the key first")
        try Self.insertion.later(claims, in: transaction, else: raced) { claim in
            [
                claim.request.subject.sqlValue, .text(claim.request.operation), .text(claim.request.key),
                .text(claim.request.bodyHash), claim.order.sqlValue, .integer(now.milliseconds),
            ]
        }
    }

    private static let reading = ManyRows(
        reading: "i.subject, i.operation, i.key, i.body_hash, i.order_id", columns: [.uuid, .text, .text],
        from: """
            orders_idempotency i
            ON i.subject = new.column1 AND i.operation = new.column2 AND i.key = new.column3
            """)
    private static let insertion = ManyRows(
        into: "orders_idempotency (subject, operation, key, body_hash, order_id, created_at)",
        columns: [.uuid, .text, .text, .text, .uuid, .integer],
        suffix: "ON CONFLICT (subject, operation, key) DO NOTHING"
    )
}
