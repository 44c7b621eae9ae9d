import FoundationEssentials
import SQLCore
import SagaChoreography

/// The transactional outbox: events commit with the change that they tell of.
public enum Outbox {
    /// Adds events at the end, in order, and announces them as ``Appended``.
    ///
    /// - Throws: ``SQLError``.
    static func append(_ envelopes: [Envelope], in transaction: any SQLTransaction) throws {
        guard !envelopes.isEmpty else { return }
        let values = { Self.values($0, writtenFor: transaction.origin) }
        let announce = { (positions: [Int64]) in
            transaction.announce(
                Appended(deliveries: zip(envelopes, positions).map { Delivery(envelope: $0, position: $1) }))
        }
        switch transaction.dialect {
        case .sqlite: announce(try insert(envelopes, values, consecutivelyIn: transaction))
        case .postgres:
            // Others take positions meanwhile; each row tells its own.
            try telling.later(rowsOf: envelopes, in: transaction, values: values) { rows in
                announce(try positions(of: envelopes, in: rows))
            }
        }
    }

    /// What ``append(_:in:)`` announces.
    struct Appended: Sendable {
        /// The events with their positions, in order.
        let deliveries: [Delivery]
    }

    /// SQLite has one writer: positions are consecutive, and in the order of commits.
    private static func insert(
        _ envelopes: [Envelope], _ values: (Envelope) -> [SQLValue], consecutivelyIn transaction: any SQLTransaction
    ) throws -> [Int64] {
        try insertion.run(envelopes, in: transaction, values: values)
        guard let last = try transaction.first("SELECT last_insert_rowid() AS position")?.int64("position") else {
            throw SQLError(.shape, "last_insert_rowid() gives no row")
        }
        return envelopes.indices.map { last - Int64(envelopes.count - 1 - $0) }
    }

    private static func positions(of envelopes: [Envelope], in rows: [SQLRow]) throws -> [Int64] {
        let positions = Dictionary(
            try rows.map { (try $0.uuid("id"), try $0.int64("seq")) }, uniquingKeysWith: { first, _ in first })
        return try envelopes.map { envelope in
            guard let position = positions[envelope.id] else {
                throw SQLError(.shape, "an inserted event has no position")
            }
            return position
        }
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

    private static let target: StaticString = """
        saga_outbox (id, type, version, source, subject, time, correlation_id, causation_id, traceparent, data, relay)
        """
    private static let telling = ManyRows(into: target, columns: columnTypes, suffix: "RETURNING id, seq")
    private static let insertion = ManyRows(into: target, columns: columnTypes)
    private static let columnTypes: [ManyRows.Column] = [
        .uuid, .text, .integer, .text, .uuid, .integer, .uuid, .uuid, .text, .text, .integer,
    ]

    /// Sends again what the outbox still holds of subjects: each row gets a new position behind all others, so every
    /// consumer group receives it once more.
    ///
    /// SQLite looks at the whole table once, whatever the number of subjects: an index for it would cost each event two changes more,
    /// for the rare one that is sent again. PostgreSQL, whose table is larger after a disturbance, has one.
    ///
    /// - Parameter except: a type that is left alone (the request to send again itself).
    /// - Returns: the subjects of which there was something.
    /// - Throws: ``SQLError``.
    public static func requeue(
        _ subjects: [UUID], of service: ServiceID, except: EventType, in transaction: any SQLTransaction
    ) throws -> Set<UUID> {
        let rows = try BoundedList.parts(of: subjects).flatMap { part in
            try transaction.rows(
                """
                DELETE FROM saga_outbox
                WHERE subject IN (\(list: part)) AND source = \(service.name) AND type <> \(except.name)
                RETURNING \(fixed: columns)
                """)
        }
        let deliveries = try rows.map(delivery).sorted { $0.position < $1.position }
        guard !deliveries.isEmpty else { return [] }
        try append(deliveries.map(\.envelope), in: transaction)
        transaction.announce(
            Requeued(types: Set(deliveries.map(\.envelope.type)), replaced: deliveries.map(\.position)))
        return Set(deliveries.compactMap(\.envelope.subject))
    }

    /// What ``requeue(_:of:except:in:)`` announces, so that whoever waits for events of these types looks again: they were
    /// emitted long ago, so no observer hears of them.
    public struct Requeued: Sendable {
        /// The types of what was sent again.
        public let types: Set<EventType>
        /// The positions that they had before.
        let replaced: [Int64]
    }

    static let columns: StaticString =
        "seq, id, type, version, source, subject, time, correlation_id, causation_id, traceparent, data"

    static func delivery(_ row: SQLRow) throws -> Delivery {
        Delivery(
            envelope: Envelope(
                id: try row.uuid("id"), type: EventType(try row.text("type")), version: try row.int("version"),
                source: ServiceID(try row.text("source")), subject: try row.optionalUUID("subject"),
                time: Timestamp(milliseconds: try row.int64("time")),
                correlationID: try row.optionalUUID("correlation_id"),
                causationID: try row.optionalUUID("causation_id"), traceparent: try row.optionalText("traceparent"),
                data: try row.bytes("data")),
            position: try row.int64("seq"))
    }
}

/// Reads the outbox without acknowledging anything: for other transports, tests and `verify`.
public enum OutboxReader {
    /// Rows behind a position, in order.
    ///
    /// - Throws: ``SQLError``.
    public static func deliveries(after position: Int64, limit: Int = 10_000, in transaction: any SQLTransaction) throws
        -> [Delivery]
    {
        try transaction.rows(
            "SELECT \(fixed: Outbox.columns) FROM saga_outbox WHERE seq > \(position) ORDER BY seq LIMIT \(limit)"
        ).map(Outbox.delivery)
    }
}
