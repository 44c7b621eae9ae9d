import FoundationEssentials
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
        AuditBacklog(
            try OutboxReader.missing(from: "audit_entries", in: transaction),
            try AuditLog.waiting(in: transaction))
    }
}

extension AuditBacklog {
    init(_ events: [Waiting], _ changes: [Waiting]) {
        let recorded = events.filter { AuditRules.all[EventType($0.name)] != nil }
        let all = recorded + changes
        self.init(
            byAction: Self.joined(all), oldest: all.map(\.oldest).min(),
            events: recorded.reduce(0) { $0 + $1.count }, changes: changes.reduce(0) { $0 + $1.count })
    }

    /// The same action may wait in several databases.
    private static func joined(_ all: [Waiting]) -> [(action: String, count: Int64)] {
        Dictionary(all.map { ($0.name, $0.count) }, uniquingKeysWith: +).map { ($0.key, $0.value) }
            .sorted { ($1.count, $0.action) < ($0.count, $1.action) }
    }

    /// What waits wherever services are: their outboxes and what they write down are beside their rows.
    ///
    /// - Throws: ``SQLError``.
    public static func read(in databases: ServiceDatabases) async throws -> AuditBacklog {
        let log = databases[AuditParticipant.service]
        guard !databases.isOne else { return try await log.read { try AuditQueries($0).backlog() } }
        var (events, changes): ([Waiting], [Waiting]) = ([], [])
        for place in databases.places {
            // Seen in the outbox first: what leaves it meanwhile is in the log by then.
            let (heads, waiting) = try await place.database.read {
                (try OutboxReader.heads(in: $0), try AuditLog.waiting(in: $0))
            }
            let recorded = try await log.read { try AuditQueries($0).present(heads.map(\.id)) }
            let missing = Dictionary(grouping: heads.filter { !recorded.contains($0.id) }) { $0.type.name }
            events += missing.map { type, heads in
                Waiting(
                    name: type, count: Int64(heads.count), oldest: heads.map(\.time).min() ?? Timestamp(milliseconds: 0)
                )
            }
            changes += waiting
        }
        return AuditBacklog(events, changes)
    }
}

extension AuditQueries {
    /// Which of these are in the log.
    func present(_ ids: [UUID]) throws -> Set<UUID> {
        let statements = BoundedList.parts(of: ids).map { part -> SQLStatement in
            "SELECT id FROM audit_entries WHERE id IN (\(list: part))"
        }
        return Set(try transaction.rows(all: statements).map { try $0.uuid("id") })
    }
}
