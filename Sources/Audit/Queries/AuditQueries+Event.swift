import FoundationEssentials
import SQLCore

extension AuditQueries {
    /// What was recorded under the id of an event, as far as the log still has it: its action and the order it belongs to.
    ///
    /// - Throws: ``SQLError``.
    public func entry(of id: UUID) throws -> (action: String, correlationID: UUID?)? {
        try transaction.first("SELECT action, correlation_id FROM audit_entries WHERE id = \(id)").map { row in
            (try row.text("action"), try row.optionalUUID("correlation_id"))
        }
    }
}
