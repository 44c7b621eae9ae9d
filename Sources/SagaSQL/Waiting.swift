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

    init(_ row: SQLRow) throws {
        name = try row.text("name")
        count = try row.int64("n")
        oldest = Timestamp(milliseconds: try row.int64("oldest"))
    }
}

extension OutboxReader {
    /// What the outbox still holds of a subject, in the order in which it was emitted or last sent again.
    ///
    /// - Throws: ``SQLError``.
    public static func held(of subject: UUID, in transaction: any SQLTransaction) throws -> [Envelope] {
        try transaction.rows(
            "SELECT \(fixed: Outbox.columns) FROM saga_outbox WHERE subject = \(subject) ORDER BY seq"
        ).map { try Outbox.delivery($0).envelope }
    }

    /// Which types of events about each of these subjects are in the outbox.
    ///
    /// - Throws: ``SQLError``.
    public static func types(of subjects: [UUID], in transaction: any SQLTransaction) throws -> [UUID: Set<String>] {
        var types: [UUID: Set<String>] = [:]
        let statements = BoundedList.parts(of: subjects).map { part -> SQLStatement in
            "SELECT subject, type FROM saga_outbox WHERE subject IN (\(list: part))"
        }
        for row in try transaction.rows(all: statements) {
            types[try row.uuid("subject"), default: []].insert(try row.text("type"))
        }
        return types
    }

    /// Events in the outbox whose id a table does not have, by type: what whoever keeps that table has yet to handle.
    ///
    /// - Parameter table: has a column `id` with an index.
    /// - Throws: ``SQLError``.
    public static func missing(from table: String, in transaction: any SQLTransaction) throws -> [Waiting] {
        try transaction.rows(
            """
            SELECT o.type AS name, COUNT(*) AS n, MIN(o.time) AS oldest FROM saga_outbox AS o
            WHERE NOT EXISTS (SELECT 1 FROM \(table: table) AS t WHERE t.id = o.id) GROUP BY o.type
            """
        ).map(Waiting.init)
    }
}
