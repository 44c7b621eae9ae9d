import FoundationEssentials
import SQLCore
import SagaChoreography

/// How much of one kind waits, and since when.
public struct Waiting: Sendable {
    /// The kind: an event's type, or an action.
    public let name: String
    /// How many.
    public let count: Int64
    /// When the oldest of them happened.
    public let oldest: Timestamp

    /// So many of one kind.
    public init(name: String, count: Int64, oldest: Timestamp) {
        (self.name, self.count, self.oldest) = (name, count, oldest)
    }

    init(_ row: SQLRow) throws {
        name = try row.text("name")
        count = try row.int64("n")
        oldest = Timestamp(milliseconds: try row.int64("oldest"))
    }
}

extension OutboxReader {
    /// What the outbox still holds of a subject, in the order of positions; of what was sent again the first that is still there.
    ///
    /// - Throws: ``SQLError``.
    public static func held(of subject: UUID, in transaction: any SQLTransaction) throws -> [Envelope] {
        try transaction.dialect.outbox.held(of: subject, in: transaction).map(\.envelope)
    }

    /// Which types of events about each of these subjects are in the outbox.
    ///
    /// - Throws: ``SQLError``.
    public static func types(of subjects: [UUID], in transaction: any SQLTransaction) throws -> [UUID: Set<String>] {
        var types: [UUID: Set<String>] = [:]
        let statements = BoundedList.parts(of: subjects).map { part -> SQLStatement in
            "SELECT subject, type FROM \(fixed: transaction.dialect.outbox.heads) WHERE subject IN (\(list: part))"
        }
        for row in try transaction.rows(all: statements) {
            types[try row.uuid("subject"), default: []].insert(try row.text("type"))
        }
        return types
    }

    /// Which of these events are in the outbox.
    ///
    /// - Throws: ``SQLError``.
    public static func present(_ ids: [UUID], in transaction: any SQLTransaction) throws -> Set<UUID> {
        let statements = BoundedList.parts(of: ids).map { part -> SQLStatement in
            "SELECT id FROM \(fixed: transaction.dialect.outbox.heads) WHERE id IN (\(list: part))"
        }
        return Set(try transaction.rows(all: statements).map { try $0.uuid("id") })
    }

    /// How many events there are, those that are there twice since they were sent again counted twice, and which of them somebody has yet to handle, as far as the table says: with a relay, see
    /// ``OutboxAcknowledgements``.
    ///
    /// - Throws: ``SQLError``.
    public static func extent(in transaction: any SQLTransaction) throws -> Extent {
        let size: StaticString = transaction.dialect == .sqlite ? "1" : "size"
        let row = try transaction.first(
            """
            SELECT CAST(COALESCE(SUM(\(fixed: size)), 0) AS BIGINT) AS n,
                CAST(COALESCE(SUM(CASE WHEN acknowledged THEN 0 ELSE \(fixed: size) END), 0) AS BIGINT) AS unacknowledged,
                MIN(CASE WHEN acknowledged THEN NULL ELSE time END) AS oldest
            FROM \(fixed: transaction.dialect.outbox.name)
            """)
        return Extent(
            events: try row?.int64("n") ?? 0, unacknowledged: try row?.int64("unacknowledged") ?? 0,
            oldest: try row?.optionalInt64("oldest").map { Timestamp(milliseconds: $0) })
    }

    /// What ``extent(in:)`` says.
    public struct Extent: Sendable, Hashable {
        /// How many events.
        public let events: Int64
        /// How many of them somebody has yet to handle.
        public let unacknowledged: Int64
        /// When the oldest of those was emitted.
        public let oldest: Timestamp?
    }

    /// An event in the outbox, without what it says.
    public struct Head: Sendable, Hashable {
        /// The event's id.
        public let id: UUID
        /// Its type.
        public let type: EventType
        /// When it was emitted.
        public let time: Timestamp
    }

    /// Every event in the outbox, once: for whoever keeps what it has of them in another database.
    ///
    /// - Throws: ``SQLError``.
    public static func heads(in transaction: any SQLTransaction) throws -> [Head] {
        try transaction.rows(
            """
            SELECT id, type, MIN(time) AS time FROM \(fixed: transaction.dialect.outbox.heads) GROUP BY id, type
            """
        ).map { row in
            Head(
                id: try row.uuid("id"), type: EventType(try row.text("type")),
                time: Timestamp(milliseconds: try row.int64("time")))
        }
    }

    /// Events in the outbox whose id a table does not have, by type: what whoever keeps that table has yet to handle.
    ///
    /// - Parameter table: has a column `id` with an index.
    /// - Throws: ``SQLError``.
    public static func missing(from table: String, in transaction: any SQLTransaction) throws -> [Waiting] {
        try transaction.rows(
            """
            SELECT o.type AS name, COUNT(DISTINCT o.id) AS n, MIN(o.time) AS oldest FROM \(fixed: transaction.dialect.outbox.heads) AS o
            WHERE NOT EXISTS (SELECT 1 FROM \(table: table) AS t WHERE t.id = o.id) GROUP BY o.type
            """
        ).map(Waiting.init)
    }
}
