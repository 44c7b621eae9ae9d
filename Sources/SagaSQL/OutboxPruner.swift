import FoundationEssentials
import SQLCore
import SagaChoreography

/// Deletes outbox rows that nobody can need any more, in batches: every group that subscribes to the type is past the row, and
/// the row's saga is settled for the service that emitted it (or it belongs to none).
///
/// A row that a group holds as a retry or parked message counts as acknowledged by it: the message was copied whole.
public struct OutboxPruner: Activity {
    public let name = "saga.outbox-pruner"
    public var wakesOn: Set<EventType> { [] }

    private let store: SQLSagaStore
    private let clock: any SagaClock
    private let probe: any Probe
    private let statement: @Sendable (Int) -> SQLStatement
    private let interval: Duration
    private let batch: Int

    /// - Parameters:
    ///   - participants: all of the system: their subscriptions say who must be past a row.
    ///   - stateTables: the state table of each service that emits events of a saga.
    ///   - interval: the pause between two rounds that found nothing more to delete.
    ///   - batch: how many rows one transaction deletes at most.
    public init(
        store: SQLSagaStore, clock: any SagaClock, participants: [SQLParticipant], stateTables: [ServiceID: String],
        interval: Duration = .seconds(1), batch: Int = 1000, probe: any Probe = NoProbe()
    ) {
        self.store = store
        self.clock = clock
        self.probe = probe
        self.interval = interval
        self.batch = batch
        statement = { limit in Self.statement(participants, stateTables, limit) }
    }

    public func poll() async throws -> Progress {
        let limit = batch
        let statement = statement(limit)
        let isDue = try await store.database.read { transaction in
            try transaction.first("SELECT 1 AS found FROM saga_outbox LIMIT 1") != nil
        }
        guard isDue else { return .idle(wakeAt: clock.now() + interval) }
        let deleted = try await store.database.write { [probe] transaction in
            let deleted = try transaction.execute(statement)
            if deleted > 0 { try probe.reach(.pruneBeforeCommit) }
            return deleted
        }
        return deleted == limit ? .worked : .idle(wakeAt: clock.now() + interval)
    }

    /// One DELETE for all services: table names come from the code and are checked by ``SQLStatement``.
    private static func statement(
        _ participants: [SQLParticipant], _ stateTables: [ServiceID: String], _ limit: Int
    ) -> SQLStatement {
        func quoted(_ names: some Sequence<String>) -> String {
            names.sorted().map { "'\($0.filter { $0 != "'" })'" }.joined(separator: ", ")
        }
        let pending = participants.filter { !$0.subscriptions.isEmpty }.map { participant in
            """
            (type IN (\(quoted(participant.subscriptions.map(\.name)))) AND seq > COALESCE((SELECT position
                FROM saga_positions WHERE consumer = '\(participant.service)'), 0))
            """
        }
        let settled = stateTables.sorted { $0.key < $1.key }.map { service, table in
            """
            (source = '\(service)' AND EXISTS (SELECT 1 FROM \(table) AS s
                WHERE s.subject = saga_outbox.subject AND s.settled = 1))
            """
        }
        let conditions = pending.isEmpty ? "" : " AND NOT (\(pending.joined(separator: " OR ")))"
        let closed = (["subject IS NULL"] + settled).joined(separator: " OR ")
        return SQLStatement(
            """
            DELETE FROM saga_outbox WHERE seq IN (
                SELECT seq FROM saga_outbox WHERE (\(closed))\(conditions) ORDER BY seq LIMIT $1)
            """, values: [.integer(Int64(limit))])
    }
}
