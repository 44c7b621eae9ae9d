import FoundationEssentials
import SQLCore
import SagaChoreography

/// The engine's rows in an SQL database.
public struct SQLSagaStore: SagaStore {
    /// A transaction of the SQL port.
    public typealias Transaction = any SQLTransaction

    /// Where the engine's tables are, see ``EngineMigrations``.
    public let database: any SQLDatabase

    /// A store on a migrated database.
    public init(_ database: any SQLDatabase) { self.database = database }

    /// See ``SagaStore``.
    public func transaction<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await database.write(body)
    }

    /// See ``SagaStore``.
    public func append(_ envelopes: [Envelope], in transaction: any SQLTransaction) throws {
        try Outbox.append(envelopes, in: transaction)
    }

    /// See ``SagaStore``; one row an event.
    public func noteInbox(
        _ events: [Envelope], for group: ServiceID, at now: Timestamp, in transaction: any SQLTransaction
    ) throws -> Set<UUID> {
        var seen: Set<UUID> = []
        for event in events {
            let isNew = try transaction.changesOne(
                """
                INSERT INTO saga_inbox (consumer, event_id, subject, handled_at)
                VALUES (\(group.name), \(event.id), \(event.subject), \(now.milliseconds))
                ON CONFLICT (consumer, event_id) DO NOTHING
                """)
            if !isNew { seen.insert(event.id) }
        }
        return seen
    }

    /// See ``SagaStore``.
    public func dueRetries(for group: ServiceID, at now: Timestamp, limit: Int) async throws -> DueRetries {
        try await database.read { transaction in
            let rows = try transaction.rows(
                """
                SELECT envelope, attempts, due_at, reason FROM saga_retries
                WHERE consumer = \(group.name) ORDER BY due_at LIMIT \(limit + 1)
                """)
            let retries = try rows.map { row in
                Retry(
                    envelope: try Envelope(cloudEvent: row.bytes("envelope")), attempts: try row.int("attempts"),
                    dueAt: Timestamp(milliseconds: try row.int64("due_at")), reason: try row.text("reason"))
            }
            let due = retries.prefix(limit).filter { $0.dueAt <= now }
            return DueRetries(due: Array(due), nextDueAt: retries.dropFirst(due.count).first?.dueAt)
        }
    }

    /// See ``SagaStore``; the message is kept whole. A parked one that was delivered again stays with the person it waits for.
    public func keep(_ retry: Retry, for group: ServiceID, in transaction: any SQLTransaction) throws {
        let envelope = try retry.envelope.cloudEvent()
        try transaction.execute(
            """
            INSERT INTO saga_retries (consumer, event_id, subject, envelope, attempts, due_at, reason)
            SELECT \(group.name), \(retry.envelope.id), \(retry.envelope.subject), \(envelope), \(retry.attempts),
                \(retry.dueAt.milliseconds), \(retry.reason)
            WHERE NOT EXISTS (SELECT 1 FROM saga_parked
                WHERE consumer = \(group.name) AND event_id = \(retry.envelope.id))
            ON CONFLICT (consumer, event_id) DO UPDATE
            SET attempts = CASE WHEN excluded.attempts > saga_retries.attempts THEN excluded.attempts
                    ELSE saga_retries.attempts END,
                due_at = excluded.due_at, reason = excluded.reason
            """)
    }

    /// See ``SagaStore``.
    public func forget(_ retry: Retry, for group: ServiceID, in transaction: any SQLTransaction) throws {
        try transaction.execute(
            "DELETE FROM saga_retries WHERE consumer = \(group.name) AND event_id = \(retry.envelope.id)")
    }

    /// See ``SagaStore``; the operation that replayed the message learns how it ended.
    public func handled(
        _ retry: Retry, as report: DeliveryReport, for group: ServiceID, at now: Timestamp,
        in transaction: any SQLTransaction
    ) throws {
        try forget(retry, for: group, in: transaction)
        try InterventionStore(transaction).handled(retry.envelope.id, as: report, for: group, at: now)
    }

    /// See ``SagaStore``; an alarm is audited as an incident.
    public func park(
        _ retry: Retry, because fault: SagaFault, for group: ServiceID, at now: Timestamp,
        in transaction: any SQLTransaction
    ) throws {
        guard try !isSuperseded(retry, because: fault, for: group, in: transaction) else { return }
        // Another delivery of it may have been kept for later.
        try forget(retry, for: group, in: transaction)
        try InterventionStore(transaction).parked(retry.envelope.id, because: fault, for: group, at: now)
        try ParkedMessages.park(retry, because: fault, for: group, at: now, in: transaction)
    }

    /// Whether what cannot be read came once more, after a person had given it data that can: as it waits to be handled, or was.
    private func isSuperseded(
        _ retry: Retry, because fault: SagaFault, for group: ServiceID, in transaction: any SQLTransaction
    ) throws -> Bool {
        guard case .permanent(.undecodable, _) = fault else { return false }
        let (consumer, event) = (group.name, retry.envelope.id)
        let kept = try transaction.first(
            "SELECT envelope FROM saga_retries WHERE consumer = \(consumer) AND event_id = \(event)")
        if let kept {
            let envelope = try kept.bytes("envelope")
            do { return try Envelope(cloudEvent: envelope).data != retry.envelope.data } catch is SagaFault {
                return false
            }
        }
        return try transaction.first(
            "SELECT 1 AS one FROM saga_inbox WHERE consumer = \(consumer) AND event_id = \(event)") != nil
    }
}
