import FoundationEssentials
import SQLCore
import SagaChoreography

/// An audit row of a change that emits no event (an admin edit, a deposit, a refused access, an alarm). What a saga step
/// changes is audited from its outbox event instead.
///
/// It is written in the transaction of the change, so that it exists if and only if the change does.
public struct AuditRecord: Sendable {
    /// How the audited action ended.
    public enum Status: String, Sendable { case success, failed, blocked }

    /// LOW to CRITICAL as clients know them; `incident` is for alarms.
    public enum Severity: Int64, Sendable, Comparable {
        case low = 1
        case medium, high, critical, incident

        public static func < (one: Severity, other: Severity) -> Bool { one.rawValue < other.rawValue }
    }

    /// The service whose rows were changed, or would have been.
    public var service: ServiceID
    /// `items.stock-set`, `users.deposit`, …; at most 100 bytes.
    public var action: String
    /// The kind of thing acted upon: `item`, `user`, `event`, …; at most 100 bytes.
    public var resource: String
    /// Which one of its kind; at most 255 bytes.
    public var resourceID: String
    /// The user or admin behind it, if known.
    public var actor: UUID?
    /// How it ended.
    public var status: Status
    /// How much it matters to whoever reads the log.
    public var severity: Severity
    /// Old and new values, reasons. Never a secret.
    public var details: [String: String]
    /// The saga it belongs to, for orders the order's id; `nil` if none.
    public var correlationID: UUID?

    /// Where it came from; `nil`: from where the command came, see ``SQLStep``.
    public var origin: Origin?

    /// What is known of whoever asked.
    public typealias Origin = RequestOrigin

    /// A record of a success, of high severity, without details or saga, unless told otherwise.
    public init(
        service: ServiceID, action: String, resource: String, resourceID: String, actor: UUID?,
        status: Status = .success, severity: Severity = .high, details: [String: String] = [:],
        correlationID: UUID? = nil, origin: Origin? = nil
    ) {
        self.origin = origin
        self.service = service
        self.action = action
        self.resource = resource
        self.resourceID = resourceID
        self.actor = actor
        self.status = status
        self.severity = severity
        self.details = details
        self.correlationID = correlationID
    }
}

/// Where services write audit rows.
public enum AuditLog {
    /// Writes `record` in the step's transaction.
    ///
    /// - Throws: ``SQLError``; the change it belongs to then rolls back as well.
    public static func write(_ record: AuditRecord, in step: SQLStep) throws {
        var record = record
        record.origin = record.origin ?? step.origin
        try write(record, id: step.ids.next(), at: step.now, in: step.transaction)
    }

    static func write(_ record: AuditRecord, id: UUID, at now: Timestamp, in transaction: any SQLTransaction) throws {
        var details = JSONWriter()
        details.object { json in
            for (name, value) in record.details.sorted(by: { $0.key < $1.key }) {
                json.key(name)
                json.string(value)
            }
        }
        try transaction.execute(
            """
            INSERT INTO saga_audit
                (id, service, action, resource, resource_id, actor, status, severity, details, correlation_id,
                    occurred_at, actor_role, ip_address, user_agent)
            VALUES (\(id), \(record.service.name), \(record.action), \(record.resource), \(record.resourceID),
                \(record.actor), \(record.status.rawValue), \(record.severity.rawValue),
                \(SQLValue.utf8(Data(details.bytes))), \(record.correlationID), \(now.milliseconds),
                \(record.origin?.role), \(record.origin?.ipAddress), \(record.origin?.userAgent))
            ON CONFLICT DO NOTHING
            """)
    }

    /// A row as it lies here until the audit trail has it.
    public struct Stored: Sendable {
        /// Of the row, UUIDv7.
        public let id: UUID
        /// As in ``AuditRecord``.
        public let service: ServiceID
        /// As in ``AuditRecord``.
        public let action: String
        /// As in ``AuditRecord``.
        public let resource: String
        /// As in ``AuditRecord``.
        public let resourceID: String
        /// As in ``AuditRecord``.
        public let actor: UUID?
        /// As in ``AuditRecord``.
        public let status: AuditRecord.Status
        /// As in ``AuditRecord``.
        public let severity: AuditRecord.Severity
        /// A JSON object in UTF-8.
        public let details: Data
        /// As in ``AuditRecord``.
        public let correlationID: UUID?
        /// The time of the change.
        public let occurredAt: Timestamp
        /// As in ``AuditRecord``.
        public let origin: AuditRecord.Origin
    }

    /// When the change happened whose row has waited longest; `nil` if there is none.
    ///
    /// - Throws: ``SQLError``.
    public static func oldest(in transaction: any SQLTransaction) throws -> Timestamp? {
        try transaction.first("SELECT occurred_at FROM saga_audit ORDER BY id LIMIT 1").map {
            Timestamp(milliseconds: try $0.int64("occurred_at"))
        }
    }

    /// How many rows of each action wait, and since when.
    ///
    /// - Throws: ``SQLError``.
    public static func waiting(in transaction: any SQLTransaction) throws -> [Waiting] {
        try transaction.rows(
            "SELECT action AS name, COUNT(*) AS n, MIN(occurred_at) AS oldest FROM saga_audit GROUP BY action"
        ).map(Waiting.init)
    }

    /// Takes the oldest rows away, for whoever keeps them from now on, in the same transaction.
    ///
    /// - Returns: at most `limit` of them, oldest first.
    /// - Throws: ``SQLError``.
    public static func take(_ limit: Int, in transaction: any SQLTransaction) throws -> [Stored] {
        try transaction.rows(
            """
            DELETE FROM saga_audit WHERE id IN (SELECT id FROM saga_audit ORDER BY id LIMIT \(limit: limit))
            RETURNING id, service, action, resource, resource_id, actor, status, severity, details, correlation_id,
                occurred_at, actor_role, ip_address, user_agent
            """
        ).map { try stored($0) }.sorted { $0.id < $1.id }
    }

    /// The oldest rows, for whoever keeps them elsewhere, and takes them away by ``remove(_:in:)`` once that is done.
    ///
    /// - Returns: at most `limit` of them, oldest first.
    /// - Throws: ``SQLError``.
    public static func next(_ limit: Int, in transaction: any SQLTransaction) throws -> [Stored] {
        try transaction.rows(
            """
            SELECT id, service, action, resource, resource_id, actor, status, severity, details, correlation_id,
                occurred_at, actor_role, ip_address, user_agent
            FROM saga_audit ORDER BY id LIMIT \(limit)
            """
        ).map { try stored($0) }
    }

    /// Takes rows away that are kept elsewhere.
    ///
    /// - Throws: ``SQLError``.
    public static func remove(_ ids: [UUID], in transaction: any SQLTransaction) throws {
        for part in BoundedList.parts(of: ids) {
            try transaction.execute("DELETE FROM saga_audit WHERE id IN (\(list: part))")
        }
    }

    private static func stored(_ row: SQLRow) throws -> Stored {
        guard let severity = AuditRecord.Severity(rawValue: try row.int64("severity")) else {
            throw SQLError(.shape, "column 'severity' is none of 1 to 5")
        }
        return Stored(
            id: try row.uuid("id"), service: ServiceID(try row.text("service")), action: try row.text("action"),
            resource: try row.text("resource"), resourceID: try row.text("resource_id"),
            actor: try row.optionalUUID("actor"),
            status: try row.value("status", as: AuditRecord.Status.self), severity: severity,
            details: try row.bytes("details"), correlationID: try row.optionalUUID("correlation_id"),
            occurredAt: Timestamp(milliseconds: try row.int64("occurred_at")),
            origin: .init(
                role: try row.optionalText("actor_role"), ipAddress: try row.optionalText("ip_address"),
                userAgent: try row.optionalText("user_agent")))
    }
}
