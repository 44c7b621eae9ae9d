import FoundationEssentials
import SQLCore
import SagaChoreography
import Synchronization

/// Deletes outbox rows that nobody can need any more, in batches: every group that subscribes to the type is past the row, and
/// the row's saga is settled for the service that emitted it (or it belongs to none).
///
/// A row that a group holds as a retry or parked message counts as acknowledged by it: the message was copied whole.
public final class OutboxPruner: Activity {
    /// `saga.outbox-pruner`.
    public let name = "saga.outbox-pruner"
    /// Nothing: the pruner looks at intervals, it is never urgent.
    public var wakesOn: Set<EventType> { [] }

    private let store: SQLSagaStore
    private let clock: any SagaClock
    private let probe: any Probe
    private let statement: @Sendable (Int64) -> Look
    /// Which bundles everybody has, in SQL.
    private let handed: String
    private let closed: ClosedSagas
    private let interval: Duration
    private let window: Int
    /// Up to which position rows were looked at in this round.
    private let place = Mutex<Int64>(0)

    /// - Parameters:
    ///   - participants: all of the system: their subscriptions say who must be past a row.
    ///   - acknowledgements: how the transport in use says that a group has handled an event.
    ///   - stateTables: the state table of each service that emits events of a saga.
    ///   - interval: the pause between two rounds that found nothing more to delete.
    ///   - window: how many rows are looked at at once, and at most deleted in one transaction. However much is under way, a look
    ///     costs the same.
    public init(
        store: SQLSagaStore, clock: any SagaClock, participants: [SQLParticipant], stateTables: [ServiceID: String],
        acknowledgements: Acknowledgements = .positions, interval: Duration = .seconds(1), window: Int = 2000,
        probe: any Probe = NoProbe()
    ) {
        self.store = store
        self.clock = clock
        self.probe = probe
        // What has a relay is mostly deleted by whoever sent it.
        self.interval = acknowledgements == .receipts ? interval * 10 : interval
        self.window = window
        let (acknowledged, handed) =
            switch acknowledgements {
            case .positions:
                ("NOT (\(Self.behindPositions(participants)))", Self.handed(Self.behindPositions(participants)))
            case .receipts: ("acknowledged", "acknowledged")
            }
        self.handed = handed
        closed = ClosedSagas(stateTables)
        statement = { Self.look(behind: $0, window, acknowledged, stateTables) }
    }

    /// How the transport in use says that every group has handled an event.
    public enum Acknowledgements: Sendable {
        /// Each group's position in the outbox: the embedded transport.
        case positions
        /// Noted in the row: a transport outside, and a saga that takes long (see ``OutboxAcknowledgements``).
        case receipts
    }

    /// Looks through the next rows and deletes those that may go. They are looked up beside the writer, whom everybody waits for: a row
    /// that may go once may go ever after, and its position is never used again.
    ///
    /// - Throws: ``SQLError``; nothing was deleted then, call again later.
    public func poll() async throws -> Progress {
        switch store.database.dialect {
        case .sqlite: try await pruneEvents()
        case .postgres: try await pruneBundles()
        }
    }

    private func pruneBundles() async throws -> Progress {
        let text = "SELECT seq, size FROM saga_outbox_bundles AS b WHERE \(handed) AND seq > $1 ORDER BY seq LIMIT $2"
        let statement = SQLStatement(
            text, values: [.integer(place.withLock { $0 }), .integer(Int64(window))])
        let rows = try await store.database.read { transaction in
            try transaction.rows(statement)
                .map { OutboxRow(position: try $0.int64("seq"), size: try $0.int64("size")) }
        }
        var gone: Set<Int64> = []
        if !rows.isEmpty {
            gone = try await store.database.write { [closed, probe] transaction in
                let gone = try transaction.dialect.outbox.delete(rows, closed, in: transaction)
                try probe.reach(.pruneBeforeCommit)
                return gone
            }
        }
        guard let last = rows.last, rows.count == window else {
            place.withLock { $0 = 0 }
            return .idle(wakeAt: clock.now() + interval)
        }
        place.withLock { $0 = last.position }
        // Where nothing can go, as while many sagas are under way, there is no hurry to see all of it.
        return gone.isEmpty ? .idle(wakeAt: clock.now() + interval / 10) : .worked
    }

    private func pruneEvents() async throws -> Progress {
        let statement = statement(place.withLock { $0 })
        let (end, found) = try await store.database.read { transaction in
            let end = try transaction.first(statement.end)
            let rows = try end.map { try $0.int64("n") } == 0 ? [] : transaction.rows(statement.closed)
            return (end, try rows.map { try $0.int64("seq") })
        }
        if !found.isEmpty {
            try await store.database.write { [probe] transaction in
                for part in BoundedList.parts(of: found) {
                    try transaction.execute("DELETE FROM saga_outbox WHERE seq IN (\(list: part))")
                }
                try probe.reach(.pruneBeforeCommit)
            }
        }
        guard let end, try end.int("n") == window else {
            place.withLock { $0 = 0 }
            return .idle(wakeAt: clock.now() + interval)
        }
        let last = try end.int64("last")
        place.withLock { $0 = last }
        // Where nothing can go, as while many sagas are under way, there is no hurry to see all of it.
        return found.isEmpty ? .idle(wakeAt: clock.now() + interval / 10) : .worked
    }

    /// What to ask about the rows behind a position: where so many of them end, and which of them may go.
    private struct Look {
        let end: SQLStatement
        let closed: SQLStatement
    }

    /// One query for all services: names come from the code, never from outside.
    private static func look(
        behind position: Int64, _ window: Int, _ acknowledged: String, _ stateTables: [ServiceID: String]
    ) -> Look {
        let values: [SQLValue] = [.integer(position), .integer(Int64(window))]
        let rows = "FROM saga_outbox WHERE seq > $1 ORDER BY seq LIMIT $2"
        return Look(
            end: SQLStatement(
                "SELECT COUNT(*) AS n, COALESCE(MAX(seq), 0) AS last FROM (SELECT seq \(rows)) AS part",
                values: values),
            closed: SQLStatement(
                """
                SELECT seq FROM (SELECT * \(rows)) AS saga_outbox WHERE \(acknowledged) AND (\(ClosedSagas(stateTables).condition))
                """, values: values))
    }

    /// Bundles of which no event is one of those.
    private static func handed(_ behind: String) -> String {
        """
        NOT EXISTS (SELECT 1 FROM (SELECT e.type, b.seq + e.place - 1 AS seq
            FROM unnest(b.types) WITH ORDINALITY AS e (type, place)) AS event WHERE \(behind))
        """
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
