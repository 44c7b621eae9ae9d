import Notifications
import Orders
import SQLCore
import SagaChoreography
import SagaSQL

/// The invariants of the engine's own tables.
enum EngineChecks {
    static let all: [InvariantCheck] = [
        InvariantCheck(
            "saga.no-alarm", "no event ever arrived in a state in which a correct system never sends it",
            violations: """
                SELECT consumer || ' parked ' || type || ' ' || lower(hex(event_id)) AS what
                FROM saga_parked WHERE kind = 'alarm' ORDER BY parked_at
                """),
        InvariantCheck(
            "saga.retry-or-parked", "no message waits for a retry and is parked at once",
            violations: """
                SELECT r.consumer || ' has ' || lower(hex(r.event_id)) || ' twice' AS what FROM saga_retries AS r
                JOIN saga_parked AS p ON p.consumer = r.consumer AND p.event_id = r.event_id
                """),
    ]

    /// Those that look at a service's rows, too.
    static let apart: [InvariantCheck] = [
        InvariantCheck(
            inboxSettled.id, inboxSettled.sentence,
            violations: """
                SELECT i.consumer || ' keeps ' || lower(hex(i.event_id)) AS what FROM saga_inbox AS i
                JOIN orders_orders AS o ON o.subject = i.subject
                WHERE o.settled AND NOT EXISTS (
                    SELECT 1 FROM saga_outbox AS x WHERE x.subject = i.subject AND x.type = 'order.settled')
                """)
    ]

    static let inboxSettled = (id: "saga.inbox-settled", sentence: "no inbox row of a settled order is left")

    /// How much is under way. Events are unacknowledged as long as a group that subscribes to their type is not past them; with
    /// a transport outside the database, as long as the outbox has them.
    ///
    /// - Parameter hasNotifications: whether the rows of Notifications are here.
    static func queues(
        _ participants: [SQLParticipant], hasNotifications: Bool = true, in transaction: any SQLTransaction
    ) throws -> VerifyReport.Queues {
        func count(_ statement: SQLStatement) throws -> Int64 {
            try transaction.first(statement)?.int64("n") ?? 0
        }
        let outbox = try OutboxReader.extent(in: transaction)
        let unacknowledged =
            switch transaction.dialect {
            case .sqlite: try unacknowledged(participants, in: transaction).values.reduce(0, +)
            case .postgres: outbox.unacknowledged
            }
        return VerifyReport.Queues(
            outbox: outbox.events, unacknowledged: unacknowledged,
            retries: try count("SELECT COUNT(*) AS n FROM saga_retries"),
            parked: try count("SELECT COUNT(*) AS n FROM saga_parked"),
            inbox: try count("SELECT COUNT(*) AS n FROM saga_inbox"),
            notifications: hasNotifications ? try pendingNotifications(in: transaction) : 0)
    }

    /// Rows that each group is not past, where positions say how far it has come.
    static func unacknowledged(
        _ participants: [SQLParticipant], in transaction: any SQLTransaction
    ) throws -> [ServiceID: Int64] {
        var counts: [ServiceID: Int64] = [:]
        for participant in participants {
            counts[participant.service] =
                try transaction.first(
                    """
                    SELECT COUNT(*) AS n FROM saga_outbox
                    WHERE type IN (\(list: participant.subscriptions.map(\.name).sorted())) AND seq > COALESCE(
                        (SELECT position FROM saga_positions WHERE consumer = \(participant.service.name)), 0)
                    """)?.int64("n") ?? 0
        }
        return counts
    }

    static func pendingNotifications(in transaction: any SQLTransaction) throws -> Int64 {
        try transaction.first("SELECT COUNT(*) AS n FROM notifications_messages WHERE state = 'PENDING'")?.int64("n")
            ?? 0
    }

    /// When the oldest event was emitted that some subscriber is not past; `nil` if all are past all.
    static func oldestUnacknowledged(
        _ participants: [SQLParticipant], in transaction: any SQLTransaction
    ) throws -> Timestamp? {
        if transaction.dialect == .postgres {
            return try OutboxReader.extent(in: transaction).oldest
        }
        let times = try participants.compactMap { participant in
            try transaction.first(
                """
                SELECT time FROM saga_outbox
                WHERE type IN (\(list: participant.subscriptions.map(\.name).sorted())) AND seq > COALESCE(
                    (SELECT position FROM saga_positions WHERE consumer = \(participant.service.name)), 0)
                ORDER BY seq LIMIT 1
                """)?.int64("time")
        }
        return times.min().map { Timestamp(milliseconds: $0) }
    }
}
