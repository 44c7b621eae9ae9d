import FoundationEssentials
import SQLCore
import SagaChoreography
import Synchronization

/// The transport of one process on one SQLite database: the outbox itself, read in the order of its positions.
///
/// SQLite has one writer, so positions grow in commit order and a group's position says exactly what it has handled. The
/// acknowledgement commits with the effects: within this transport nothing is delivered twice, save what is requeued. (On
/// PostgreSQL a later transaction can hold a lower position, so this transport refuses to work there.)
public final class EmbeddedTransport: EventTransport {
    /// A transaction of the SQL port.
    public typealias Transaction = any SQLTransaction

    private let database: any SQLDatabase
    /// Positions up to which a group found nothing of its types: spares reading other groups' events again. Only a
    /// hint; the truth is in `saga_positions`.
    private let scanned = Mutex<[ServiceID: Int64]>([:])
    private let recent = RecentEvents()

    /// What an acknowledgement announces.
    struct Acknowledged: Sendable {
        let group: ServiceID
        let position: Int64
    }

    /// - Throws: ``SQLError`` `.misuse` if `database` is not SQLite.
    public init(_ database: any SQLDatabase) throws {
        guard database.dialect == .sqlite else {
            throw SQLError(.misuse, "the embedded transport needs SQLite: only there do positions grow in commit order")
        }
        self.database = database
        database.listen { [recent] in recent.hear($0) }
    }

    /// Whether a group has not come to something for longer than `age`, as far as this process's memory says.
    public func isBehind(by age: Duration, at now: Timestamp) -> Bool {
        recent.isBehind(by: age, at: now, known: scanned.withLock { $0 })
    }

    /// See ``EventTransport``; throws ``SagaFault`` `.unavailable` or the store's error.
    public func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        let hint = scanned.withLock { $0[group] ?? 0 }
        if let deliveries = recent.next(for: group, types: types, limit: limit, known: hint) {
            return Array(deliveries)
        }
        let names = types.map(\.name).sorted()
        let (deliveries, end) = try await database.read { transaction in
            let handled = try Self.position(of: group, in: transaction)
            let rows = try transaction.rows(
                """
                SELECT \(fixed: Outbox.columns) FROM saga_outbox
                WHERE seq > \(max(handled, hint)) AND type IN (\(list: names)) ORDER BY seq LIMIT \(limit)
                """)
            let deliveries = try rows.map(Outbox.delivery)
            guard deliveries.isEmpty else { return (deliveries, Int64(0)) }
            let last = try transaction.first("SELECT COALESCE(MAX(seq), 0) AS last FROM saga_outbox")
            return ([], try last?.int64("last") ?? 0)
        }
        if deliveries.isEmpty { scanned.withLock { $0[group] = max($0[group] ?? 0, end) } }
        return deliveries
    }

    /// See ``EventTransport``: the part inside the consumer's transaction.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {
        guard let last = deliveries.map(\.position).max() else { return }
        try transaction.execute(
            """
            INSERT INTO saga_positions (consumer, position) VALUES (\(group.name), \(last))
            ON CONFLICT (consumer) DO UPDATE SET position = excluded.position
            WHERE excluded.position > saga_positions.position
            """)
        transaction.announce(Acknowledged(group: group, position: last))
    }

    /// See ``EventTransport``: the part after the commit.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {}

    static func position(of group: ServiceID, in transaction: any SQLTransaction) throws -> Int64 {
        try transaction.first("SELECT position FROM saga_positions WHERE consumer = \(group.name)")?.int64("position")
            ?? 0
    }
}
