import SQLCore
import SagaChoreography
import SagaSQL

/// What waits to be recorded.
public struct AuditBacklog: Sendable {
    /// So many of each action, the most first.
    public let byAction: [(action: String, count: Int64)]
    /// When the oldest of them happened.
    public let oldest: Timestamp?
    /// Events of the saga.
    public let events: Int64
    /// Rows of changes that emit no event.
    public let changes: Int64

    public var total: Int64 { events + changes }
}

extension AuditQueries {
    /// What is in the outbox and not in the log, and rows of changes that wait.
    ///
    /// - Throws: ``SQLError``.
    public func backlog() throws -> AuditBacklog {
        let events = try OutboxReader.missing(from: "audit_entries", in: transaction)
        let changes = try AuditLog.waiting(in: transaction)
        let recorded = events.filter { AuditRules.all[EventType($0.name)] != nil }
        let all = (recorded + changes).sorted { ($1.count, $0.name) < ($0.count, $1.name) }
        return AuditBacklog(
            byAction: all.map { ($0.name, $0.count) }, oldest: all.map(\.oldest).min(),
            events: recorded.reduce(0) { $0 + $1.count }, changes: changes.reduce(0) { $0 + $1.count })
    }
}
