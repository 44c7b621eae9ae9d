import FoundationEssentials
import SQLCore
import SagaChoreography

/// The log: entries in the order in which they came, each linked to the one before.
///
/// Whoever appends holds the row of the head until its commit, so sequence and chain have no gap and no fork, whatever processes
/// write at the same time.
struct AuditLogStore {
    private let transaction: any SQLTransaction
    private let hash: any ContentHash
    private let segmentLength: Int64

    init(_ transaction: any SQLTransaction, hash: any ContentHash, segmentLength: Int64) {
        self.transaction = transaction
        self.hash = hash
        self.segmentLength = segmentLength
    }

    /// Where the log ends.
    struct Head {
        var sequence: Int64
        var hash: Data
        /// The last segment's number and where it ends; 0 before the first.
        var segment: Int64
        var sealed: Int64
        /// When the entries behind the last segment happened; `nil` if there is none.
        var span: ClosedRange<Int64>?

        mutating func include(_ time: Timestamp) {
            let time = time.milliseconds
            span = span.map { min($0.lowerBound, time)...max($0.upperBound, time) } ?? time...time
        }
    }

    /// Appends those that are not there yet.
    ///
    /// - Returns: what was appended, in order.
    @discardableResult
    func append(_ entries: [AuditEntry], at now: Timestamp) throws -> [LoggedEntry] {
        guard !entries.isEmpty else { return [] }
        var head = try lockedHead(at: min(now, entries.lazy.map(\.occurredAt).min() ?? now))
        var seen = try known(among: entries.map(\.id))
        let new = entries.filter { seen.insert($0.id).inserted }
        guard !new.isEmpty else { return [] }
        var chain = EntryChain(after: head.sequence, head: head.hash, by: hash)
        let logged = new.map { chain.append($0, recordedAt: now) }
        try Self.insertion.run(logged, in: transaction, values: Self.values)
        for entry in logged {
            head.include(entry.entry.occurredAt)
            guard entry.sequence - head.sealed >= segmentLength else { continue }
            try seal(upTo: entry, &head, at: now)
        }
        try transaction.execute(
            """
            UPDATE audit_head SET sequence = \(chain.sequence), hash = \(chain.head), segment = \(head.segment),
                sealed = \(head.sealed), oldest = \(head.span?.lowerBound), newest = \(head.span?.upperBound)
            WHERE one = 1
            """)
        return logged
    }

    /// Puts entries in the place of what is in a range.
    ///
    /// - Returns: how many rows were not as they should be.
    func overwrite(_ places: ClosedRange<Int64>, with entries: [LoggedEntry]) throws -> Int {
        let there = try AuditQueries(transaction).entries(after: places.lowerBound - 1, limit: places.count + 1)
            .filter { places.contains($0.sequence) }
        let right = Dictionary(entries.map { ($0.sequence, $0) }, uniquingKeysWith: { first, _ in first })
        let wrong = there.filter { right[$0.sequence] != $0 }
        let fine = Set(there.lazy.filter { right[$0.sequence] == $0 }.map(\.sequence))
        let missing = entries.filter { !fine.contains($0.sequence) }
        for part in BoundedList.parts(of: wrong.map(\.sequence)) {
            try transaction.execute("DELETE FROM audit_entries WHERE sequence IN (\(list: part))")
        }
        try Self.insertion.run(missing, in: transaction, values: Self.values)
        return Set(wrong.map(\.sequence)).union(missing.map(\.sequence)).count
    }

    /// A segment that is full gets a row of its own, which never changes, and is counted.
    private func seal(upTo last: LoggedEntry, _ head: inout Head, at now: Timestamp) throws {
        guard let span = head.span else { return }
        let (number, first) = (head.segment + 1, head.sealed + 1)
        (head.segment, head.sealed, head.span) = (number, last.sequence, nil)
        try transaction.execute(
            """
            INSERT INTO audit_segments (number, first_sequence, last_sequence, head, sealed_at, oldest, newest)
            VALUES (\(number), \(first), \(last.sequence), \(last.hash), \(now.milliseconds), \(span.lowerBound),
                \(span.upperBound))
            """)
        try transaction.execute(
            """
            INSERT INTO audit_tallies (segment, day, action, status, severity, n)
            SELECT \(number), occurred_at / 86400000, action, status, severity, COUNT(*) FROM audit_entries
            WHERE sequence BETWEEN \(first) AND \(last.sequence)
            GROUP BY occurred_at / 86400000, action, status, severity
            """)
    }

    /// From now on everything is recorded, if it was not before.
    func begin(at now: Timestamp) throws {
        _ = try lockedHead(at: now)
        try transaction.execute("UPDATE audit_head SET since = \(now.milliseconds) WHERE one = 1 AND since IS NULL")
    }

    /// From now on nobody records.
    func end() throws { try transaction.execute("UPDATE audit_head SET since = NULL WHERE since IS NOT NULL") }

    /// Keeps everybody else from appending until this transaction ends.
    func lock(at now: Timestamp) throws { _ = try lockedHead(at: now) }

    private func lockedHead(at now: Timestamp) throws -> Head {
        let lock: SQLStatement =
            switch transaction.dialect {
            case .sqlite: "SELECT \(fixed: Self.headColumns) FROM audit_head WHERE one = 1"
            case .postgres: "SELECT \(fixed: Self.headColumns) FROM audit_head WHERE one = 1 FOR UPDATE"
            }
        if let row = try transaction.first(lock) { return try Self.head(row) }
        try transaction.execute(
            """
            INSERT INTO audit_head (one, sequence, hash, since) VALUES (1, 0, \(EntryChain.origin), \(now.milliseconds))
            ON CONFLICT (one) DO NOTHING
            """)
        guard let row = try transaction.first(lock) else { throw SQLError(.shape, "the audit log has no head") }
        return try Self.head(row)
    }

    static let headColumns: StaticString = "sequence, hash, segment, sealed, oldest, newest"

    static func head(_ row: SQLRow) throws -> Head {
        var head = Head(
            sequence: try row.int64("sequence"), hash: try row.bytes("hash"), segment: try row.int64("segment"),
            sealed: try row.int64("sealed"))
        if let oldest = try row.optionalInt64("oldest"), let newest = try row.optionalInt64("newest"),
            oldest <= newest
        {
            head.span = oldest...newest
        }
        return head
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
            .integer, .uuid, .text, .text, .text, .uuid, .text, .text, .text, .integer, .integer, .text, .integer,
            .text,
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
