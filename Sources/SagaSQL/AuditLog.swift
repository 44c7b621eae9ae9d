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
    public enum Severity: Int64, Sendable {
        case low = 1
        case medium, high, critical, incident
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

    /// A record of a success, of high severity, without details or saga, unless told otherwise.
    public init(
        service: ServiceID, action: String, resource: String, resourceID: String, actor: UUID?,
        status: Status = .success, severity: Severity = .high, details: [String: String] = [:],
        correlationID: UUID? = nil
    ) {
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
        try write(record, id: step.ids.next(), at: step.now, in: step.transaction)
    }

    static func write(_ record: AuditRecord, id: UUID, at now: Timestamp, in transaction: any SQLTransaction) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let details = String(decoding: try encoder.encode(record.details), as: UTF8.self)
        try transaction.execute(
            """
            INSERT INTO saga_audit
                (id, service, action, resource, resource_id, actor, status, severity, details, correlation_id, occurred_at)
            VALUES (\(id), \(record.service.name), \(record.action), \(record.resource), \(record.resourceID),
                \(record.actor), \(record.status.rawValue), \(record.severity.rawValue), \(details),
                \(record.correlationID), \(now.milliseconds))
            """)
    }
}
