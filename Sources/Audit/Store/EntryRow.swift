import FoundationEssentials
import SQLCore
import SagaChoreography

/// Reads rows of audit_entries.
enum EntryRow {
    static let columns: StaticString = """
        sequence, id, action, resource, resource_id, actor, actor_role, ip_address, user_agent, occurred_at, recorded_at,
        status, severity, details, correlation_id, causation_id, traceparent, service, hash
        """

    static func entry(_ row: SQLRow) throws -> LoggedEntry {
        guard let severity = AuditEntry.Severity(rawValue: try row.int64("severity")) else {
            throw SQLError(.shape, "column 'severity' is none of 1 to 5")
        }
        return LoggedEntry(
            AuditEntry(
                id: try row.uuid("id"), action: try row.text("action"), resource: try row.text("resource"),
                resourceID: try row.text("resource_id"),
                actor: .init(
                    userID: try row.optionalUUID("actor"), role: try row.optionalText("actor_role"),
                    ipAddress: try row.optionalText("ip_address"), userAgent: try row.optionalText("user_agent")),
                occurredAt: Timestamp(milliseconds: try row.int64("occurred_at")),
                status: try row.value("status", as: AuditEntry.Status.self), severity: severity,
                details: try row.bytes("details"), correlationID: try row.optionalUUID("correlation_id"),
                causationID: try row.optionalUUID("causation_id"), traceparent: try row.optionalText("traceparent"),
                service: ServiceID(try row.text("service"))),
            sequence: try row.int64("sequence"), recordedAt: Timestamp(milliseconds: try row.int64("recorded_at")),
            hash: try row.bytes("hash"))
    }
}
