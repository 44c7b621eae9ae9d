import FoundationEssentials
import SQLCore
import SagaChoreography

/// Deletes outbox rows that nobody can need any more, in batches: every group that subscribes to the type is past the row, and
/// the row's saga is settled for the service that emitted it (or it belongs to none).
///
/// A row that a group holds as a retry or parked message counts as acknowledged by it: the message was copied whole.
public struct OutboxPruner: Activity {
    /// `saga.outbox-pruner`.
    public let name = "saga.outbox-pruner"
    /// Nothing: the pruner looks at intervals, it is never urgent.
    public var wakesOn: Set<EventType> { [] }

    private let store: SQLSagaStore
    private let clock: any SagaClock
    private let probe: any Probe
    private let statement: @Sendable (Int) -> SQLStatement
    private let interval: Duration
    private let batch: Int

    /// - Parameters:
    ///   - participants: all of the system: their subscriptions say who must be past a row.
    ///   - acknowledgements: how the transport in use says that a group has handled an event.
    ///   - stateTables: the state table of each service that emits events of a saga.
    ///   - interval: the pause between two rounds that found nothing more to delete.
    ///   - batch: how many rows one transaction deletes at most.
    public init(
        store: SQLSagaStore, clock: any SagaClock, participants: [SQLParticipant], stateTables: [ServiceID: String],
        acknowledgements: Acknowledgements = .positions, interval: Duration = .seconds(1), batch: Int = 1000,
        probe: any Probe = NoProbe()
    ) {
        self.store = store
        self.clock = clock
        self.probe = probe
        // What has a relay is mostly deleted by whoever sent it.
        self.interval = acknowledgements == .receipts ? interval * 10 : interval
        self.batch = batch
        let acknowledged =
            switch acknowledgements {
            case .positions: "NOT (\(Self.behindPositions(participants)))"
            case .receipts: "acknowledged"
            }
        statement = { limit in Self.statement(acknowledged, stateTables, limit) }
    }

    /// How the transport in use says that every group has handled an event.
    public enum Acknowledgements: Sendable {
        /// Each group's position in the outbox: the embedded transport.
        case positions
        /// Noted in the row: a transport outside, and a saga that takes long (see ``OutboxAcknowledgements``).
        case receipts
    }

    /// Deletes one batch. What may go is looked up beside the writer, whom everybody waits for: a row that may go once may go
    /// ever after, and its position is never used again.
    ///
    /// - Throws: ``SQLError``; nothing was deleted then, call again later.
    public func poll() async throws -> Progress {
        let limit = batch
        let statement = statement(limit)
        let found = try await store.database.read { transaction in
            try transaction.rows(statement).map { try $0.int64("seq") }
        }
        guard !found.isEmpty else { return .idle(wakeAt: clock.now() + interval) }
        try await store.database.write { [probe] transaction in
            for part in BoundedList.parts(of: found) {
                try transaction.execute("DELETE FROM saga_outbox WHERE seq IN (\(list: part))")
            }
            try probe.reach(.pruneBeforeCommit)
        }
        return found.count == limit ? .worked : .idle(wakeAt: clock.now() + interval)
    }

    /// One query for all services: names come from the code, never from outside.
    private static func statement(
        _ acknowledged: String, _ stateTables: [ServiceID: String], _ limit: Int
    ) -> SQLStatement {
        SQLStatement(
            """
            SELECT seq FROM saga_outbox WHERE \(acknowledged) AND (\(closed(stateTables))) ORDER BY seq LIMIT $1
            """, values: [.integer(Int64(limit))])
    }

    /// Which rows belong to no saga that goes on, in SQL.
    ///
    /// By a value, not by EXISTS: of that PostgreSQL would make a set of everything that was ever settled.
    static func closed(_ stateTables: [ServiceID: String]) -> String {
        guard !stateTables.isEmpty else { return "subject IS NULL" }
        let settled = stateTables.sorted { $0.key < $1.key }.map { service, table in
            "WHEN '\(service)' THEN (SELECT s.settled FROM \(table) AS s WHERE s.subject = saga_outbox.subject)"
        }
        return "subject IS NULL OR CASE source \(settled.joined(separator: " ")) END"
    }

    /// Rows that a group which subscribes to their type is not past.
    private static func behindPositions(_ participants: [SQLParticipant]) -> String {
        let pending = participants.filter { !$0.subscriptions.isEmpty }.map { participant in
            let types = participant.subscriptions.map { "'\($0.name.filter { $0 != "'" })'" }.sorted()
            return """
                (type IN (\(types.joined(separator: ", "))) AND seq > COALESCE((SELECT position
                    FROM saga_positions WHERE consumer = '\(participant.service)'), 0))
                """
        }
        return pending.isEmpty ? "1 = 0" : pending.joined(separator: " OR ")
    }
}
