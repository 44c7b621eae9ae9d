import FoundationEssentials
import SQLCore
import SagaChoreography

/// The log: entries in the order in which they came, each linked to the one before.
///
/// Whoever appends holds the row of the head until its commit, so sequence and chain have no gap and no fork, whatever processes
/// write at the same time.
struct AuditLogStore {
    /// How many entries a segment has.
    static let segmentLength: Int64 = 10_000

    private let transaction: any SQLTransaction
    private let hash: any ContentHash

    init(_ transaction: any SQLTransaction, hash: any ContentHash) {
        self.transaction = transaction
        self.hash = hash
    }

    /// Appends those that are not there yet.
    ///
    /// - Returns: what was appended, in order.
    @discardableResult
    func append(_ entries: [AuditEntry], at now: Timestamp) throws -> [LoggedEntry] {
        guard !entries.isEmpty else { return [] }
        let head = try lockedHead()
        var seen = try known(among: entries.map(\.id))
        let new = entries.filter { seen.insert($0.id).inserted }
        guard !new.isEmpty else { return [] }
        var chain = EntryChain(after: head.sequence, head: head.hash, by: hash)
        let logged = new.map { chain.append($0, recordedAt: now) }
        try Self.insertion.run(logged, in: transaction, values: Self.values)
        try seal(logged, at: now)
        try transaction.execute(
            "UPDATE audit_head SET sequence = \(chain.sequence), hash = \(chain.head) WHERE one = 1")
        return logged
    }

    /// A segment that is full gets a row of its own, which never changes.
    private func seal(_ logged: [LoggedEntry], at now: Timestamp) throws {
        for entry in logged where entry.sequence % Self.segmentLength == 0 {
            try transaction.execute(
                """
                INSERT INTO audit_segments (number, first_sequence, last_sequence, head, sealed_at)
                VALUES (\(entry.sequence / Self.segmentLength), \(entry.sequence - Self.segmentLength + 1),
                    \(entry.sequence), \(entry.hash), \(now.milliseconds))
                """)
        }
    }

    /// Keeps everybody else from appending until this transaction ends.
    func lock() throws { _ = try lockedHead() }

    private func lockedHead() throws -> (sequence: Int64, hash: Data) {
        let lock: SQLStatement =
            switch transaction.dialect {
            case .sqlite: "SELECT sequence, hash FROM audit_head WHERE one = 1"
            case .postgres: "SELECT sequence, hash FROM audit_head WHERE one = 1 FOR UPDATE"
            }
        if let row = try transaction.first(lock) { return (try row.int64("sequence"), try row.bytes("hash")) }
        try transaction.execute(
            """
            INSERT INTO audit_head (one, sequence, hash) VALUES (1, 0, \(EntryChain.origin))
            ON CONFLICT (one) DO NOTHING
            """)
        guard let row = try transaction.first(lock) else { throw SQLError(.shape, "the audit log has no head") }
        return (try row.int64("sequence"), try row.bytes("hash"))
    }

    private func known(among ids: [UUID]) throws -> Set<UUID> {
        let statements = BoundedList.parts(of: ids).map { part -> SQLStatement in
            "SELECT id FROM audit_entries WHERE id IN (\(list: part))"
        }
        return Set(try transaction.rows(all: statements).map { try $0.uuid("id") })
    }

    private static let insertion = ManyRows(
        into: """
            audit_entries (sequence, id, action, resource, resource_id, actor, actor_role, ip_address, user_agent,
                occurred_at, recorded_at, status, severity, details, correlation_id, causation_id, traceparent, service,
                hash)
            """,
        columns: [
            .integer, .uuid, .text, .text, .text, .uuid, .text, .text, .text, .integer, .integer, .text, .integer, .text,
            .uuid, .uuid, .text, .text, .bytes,
        ])

    private static func values(_ logged: LoggedEntry) -> [SQLValue] {
        let entry = logged.entry
        return [
            .integer(logged.sequence), .uuid(entry.id), .text(entry.action), .text(entry.resource),
            .text(entry.resourceID), entry.actor.userID.sqlValue, entry.actor.role.sqlValue,
            entry.actor.ipAddress.sqlValue, entry.actor.userAgent.sqlValue, .integer(entry.occurredAt.milliseconds),
            .integer(logged.recordedAt.milliseconds), .text(entry.status.rawValue),
            .integer(entry.severity.rawValue), .utf8(entry.details), entry.correlationID.sqlValue,
            entry.causationID.sqlValue, entry.traceparent.sqlValue, .text(entry.service.name), .bytes(logged.hash),
        ]
    }
}
