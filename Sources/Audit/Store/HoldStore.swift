import FoundationEssentials
import SQLCore
import SagaChoreography

/// The rows of audit_holds.
struct HoldStore {
    private let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    func insert(_ hold: AuditHold) throws {
        try transaction.execute(
            """
            INSERT INTO audit_holds (id, reason, actor, correlation_id, resource, resource_id, action, happened_from,
                happened_until, placed_at)
            VALUES (\(hold.id), \(hold.reason), \(hold.actor), \(hold.correlationID), \(hold.resource),
                \(hold.resourceID), \(hold.action), \(hold.from?.milliseconds), \(hold.until?.milliseconds),
                \(hold.placedAt.milliseconds))
            """)
    }

    /// - Returns: whether it was there and in force.
    func release(_ id: UUID, at now: Timestamp) throws -> Bool {
        try transaction.changesOne(
            "UPDATE audit_holds SET released_at = \(now.milliseconds) WHERE id = \(id) AND released_at IS NULL")
    }

    /// Those in force, the oldest first.
    func active() throws -> [AuditHold] {
        try transaction.rows(
            """
            SELECT id, reason, actor, correlation_id, resource, resource_id, action, happened_from, happened_until,
                placed_at
            FROM audit_holds WHERE released_at IS NULL ORDER BY placed_at, id
            """
        ).map { row in
            AuditHold(
                id: try row.uuid("id"), reason: try row.text("reason"), actor: try row.optionalUUID("actor"),
                correlationID: try row.optionalUUID("correlation_id"), resource: try row.optionalText("resource"),
                resourceID: try row.optionalText("resource_id"), action: try row.optionalText("action"),
                from: try row.optionalInt64("happened_from").map { Timestamp(milliseconds: $0) },
                until: try row.optionalInt64("happened_until").map { Timestamp(milliseconds: $0) },
                placedAt: Timestamp(milliseconds: try row.int64("placed_at")))
        }
    }
}

extension AuditQueries {
    /// What retention may not take away, the oldest first.
    ///
    /// - Throws: ``SQLError``.
    public func holds() throws -> [AuditHold] { try HoldStore(transaction).active() }
}
