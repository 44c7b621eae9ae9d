import FoundationEssentials
import SQLCore
import SagaChoreography

/// A row for each event. SQLite has no arrays, and its transport reads the table by positions and types.
struct OutboxRows: OutboxTable {
    let positionsPerRow: Int64 = 1
    let name: StaticString = "saga_outbox"
    let heads: StaticString = "saga_outbox"

    /// There is one writer: positions are consecutive, and in the order of commits.
    func append(
        _ groups: [[Envelope]], in transaction: any SQLTransaction, _ told: @escaping ([Delivery]) -> Void
    ) throws {
        let envelopes = groups.flatMap { $0 }
        try Self.insertion.run(envelopes, in: transaction) { Self.values($0, writtenFor: transaction.origin) }
        guard let last = try transaction.first("SELECT last_insert_rowid() AS position")?.int64("position") else {
            throw SQLError(.shape, "last_insert_rowid() gives no row")
        }
        let first = last - Int64(envelopes.count - 1)
        told(zip(envelopes, first...).map { Delivery(envelope: $0, position: $1) })
    }

    /// - Parameter origin: whose relay sends it.
    private static func values(_ envelope: Envelope, writtenFor origin: Int64?) -> [SQLValue] {
        [
            .uuid(envelope.id), .text(envelope.type.name), .integer(Int64(envelope.version)),
            .text(envelope.source.name), envelope.subject.sqlValue, .integer(envelope.time.milliseconds),
            envelope.correlationID.sqlValue, envelope.causationID.sqlValue, envelope.traceparent.sqlValue,
            .utf8(envelope.data), origin.sqlValue,
        ]
    }

    private static let insertion = ManyRows(
        into: """
            saga_outbox (id, type, version, source, subject, time, correlation_id, causation_id, traceparent, data, relay)
            """,
        columns: [.uuid, .text, .integer, .text, .uuid, .integer, .uuid, .uuid, .text, .text, .integer])

    /// The whole table is looked at once, whatever the number of subjects: an index for it would cost each event two changes more, for
    /// the rare one that is sent again.
    func takeOut(
        of subjects: [UUID], by service: ServiceID, except: EventType, in transaction: any SQLTransaction
    ) throws -> (events: [Delivery], gone: [Int64]) {
        let rows = try BoundedList.parts(of: subjects).flatMap { part in
            try transaction.rows(
                """
                DELETE FROM saga_outbox
                WHERE subject IN (\(list: part)) AND source = \(service.name) AND type <> \(except.name)
                RETURNING \(fixed: Outbox.columns)
                """)
        }
        let events = try rows.map(Outbox.delivery).sorted { $0.position < $1.position }
        return (events, events.map(\.position))
    }

    func held(of subject: UUID, in transaction: any SQLTransaction) throws -> [Delivery] {
        try transaction.rows(
            "SELECT \(fixed: Outbox.columns) FROM saga_outbox WHERE subject = \(subject) ORDER BY seq"
        ).map(Outbox.delivery)
    }

    func page(
        from position: Int64, where condition: String, limit: Int, in transaction: any SQLTransaction
    ) throws -> [Delivery] {
        let text =
            "SELECT \(Outbox.columns) FROM saga_outbox WHERE NOT acknowledged AND \(condition) AND seq >= $1 "
            + "ORDER BY seq LIMIT $2"
        return try transaction.rows(
            SQLStatement(text, values: [.integer(position), .integer(Int64(limit))])
        ).map(Outbox.delivery)
    }

    func positions(where condition: String, in transaction: any SQLTransaction) throws -> [Range<Int64>] {
        let text = "SELECT seq FROM saga_outbox WHERE NOT acknowledged AND \(condition) ORDER BY seq LIMIT 100000"
        return try transaction.rows(SQLStatement(text)).map { row in
            let position = try row.int64("seq")
            return position..<position + 1
        }
    }

    func relays(in transaction: any SQLTransaction) throws -> [Int64?] {
        try transaction.rows("SELECT DISTINCT relay FROM saga_outbox WHERE NOT acknowledged")
            .map { try $0.optionalInt64("relay") }
    }

    func delete(_ rows: [OutboxRow], _ closed: ClosedSagas?, in transaction: any SQLTransaction) throws -> Set<Int64> {
        let condition = closed.map { " AND (\($0.condition))" } ?? ""
        let text = "DELETE FROM saga_outbox WHERE seq IN ($1)\(condition) RETURNING seq"
        let statements = BoundedList.parts(of: rows).map { part in
            SQLStatement(text, values: [.list(part.map { .integer($0.position) })])
        }
        return Set(try transaction.rows(all: statements).map { try $0.int64("seq") })
    }

    func keep(_ rows: [OutboxRow], _ closed: ClosedSagas, in transaction: any SQLTransaction) throws {
        for part in BoundedList.parts(of: rows) {
            try transaction.execute(
                "UPDATE saga_outbox SET acknowledged = \(true) WHERE seq IN (\(list: part.map(\.position)))")
        }
    }
}
