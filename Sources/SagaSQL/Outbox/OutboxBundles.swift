import FoundationEssentials
import SQLCore
import SagaChoreography

/// A row for the events that a service emitted in one transaction, an array for each of their fields: PostgreSQL does for it about what it
/// would do for each event, and nobody between its insertion and its deletion looks at one of them alone (decision 31).
struct OutboxBundles: OutboxTable {
    let positionsPerRow: Int64 = 256
    let name: StaticString = "saga_outbox_bundles"
    let heads: StaticString = "saga_outbox_heads"

    func append(
        _ groups: [[Envelope]], in transaction: any SQLTransaction, _ told: @escaping ([Delivery]) -> Void
    ) throws {
        for bundle in groups.flatMap(bundles) {
            let statement = SQLStatement(
                Self.insertion, values: Self.values(bundle, writtenFor: transaction.origin))
            try transaction.later(statement) { rows in
                guard let first = try rows.first?.int64("seq") else {
                    throw SQLError(.shape, "events were added and have no position")
                }
                told(zip(bundle, first...).map { Delivery(envelope: $0, position: $1) })
            }
        }
    }

    /// Of one service each, and no longer than a row may be.
    private func bundles(of envelopes: [Envelope]) -> [ArraySlice<Envelope>] {
        var bundles: [ArraySlice<Envelope>] = []
        var rest = envelopes[...]
        while let source = rest.first?.source {
            let bundle = rest.prefix(Int(positionsPerRow)).prefix { $0.source == source }
            bundles.append(bundle)
            rest = rest.dropFirst(bundle.count)
        }
        return bundles
    }

    private static let insertion = """
        INSERT INTO saga_outbox_bundles (size, source, time, relay, ids, types, versions, subjects, times, correlation_ids,
            causation_ids, traceparents, data)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING seq
        """

    /// - Parameter origin: whose relay sends it.
    private static func values(_ bundle: ArraySlice<Envelope>, writtenFor origin: Int64?) -> [SQLValue] {
        let oldest = bundle.map { $0.time.milliseconds }.min() ?? 0
        return [
            .integer(Int64(bundle.count)), .text(bundle.first?.source.name ?? ""), .integer(oldest), origin.sqlValue,
            .list(bundle.map { .uuid($0.id) }), .list(bundle.map { .text($0.type.name) }),
            .list(bundle.map { .integer(Int64($0.version)) }), .list(bundle.map { $0.subject.sqlValue }),
            .list(bundle.map { .integer($0.time.milliseconds) }), .list(bundle.map { $0.correlationID.sqlValue }),
            .list(bundle.map { $0.causationID.sqlValue }), .list(bundle.map { $0.traceparent.sqlValue }),
            .list(bundle.map { .utf8($0.data) }),
        ]
    }

    // MARK: By saga

    /// Rows that tell of these sagas only are deleted. Of the others a copy is taken: they are somebody's, and have more in them. What is
    /// added again by saga is deleted the next time, so that there are never more than two of an event.
    func takeOut(
        of subjects: [UUID], by service: ServiceID, except: EventType, in transaction: any SQLTransaction
    ) throws -> (events: [Delivery], gone: [Int64]) {
        let (about, source) = (SQLValue.list(subjects.map { .uuid($0) }), service.name)
        let found = try transaction.rows(
            """
            SELECT \(fixed: Outbox.columns) FROM saga_outbox_of(\(about), \(source))
            WHERE type <> \(except.name) ORDER BY seq
            """
        ).map(Outbox.delivery)
        guard !found.isEmpty else { return ([], []) }
        // Of what was found, and of nothing else: somebody may have added an event meanwhile, of which there is no copy.
        let rows = Set(found.map { row(of: $0.position) }).sorted()
        let gone = try transaction.rows(
            """
            DELETE FROM saga_outbox_bundles WHERE seq IN (\(list: rows)) AND subjects <@ \(about)
                AND NOT \(except.name) = ANY (types) RETURNING seq, size
            """)
        return (
            Self.once(found),
            try gone.flatMap { row in
                let first = try row.int64("seq")
                return Array(first..<first + (try row.int64("size")))
            }
        )
    }

    func held(of subject: UUID, in transaction: any SQLTransaction) throws -> [Delivery] {
        let about = SQLValue.list([.uuid(subject)])
        return Self.once(
            try transaction.rows("SELECT \(fixed: Outbox.columns) FROM saga_outbox_of(\(about), NULL) ORDER BY seq")
                .map(Outbox.delivery))
    }

    private static func once(_ deliveries: [Delivery]) -> [Delivery] {
        var seen: Set<UUID> = []
        return deliveries.filter { seen.insert($0.envelope.id).inserted }
    }

    // MARK: For a relay

    func page(
        from position: Int64, where condition: String, limit: Int, in transaction: any SQLTransaction
    ) throws -> [Delivery] {
        // Which they are is asked of the index; only those are opened then.
        let text = """
            SELECT \(Outbox.columns) FROM (
                SELECT b.seq + e.place - 1 AS seq, e.id, e.type, e.version, b.source, e.subject, e.time, e.correlation_id,
                    e.causation_id, e.traceparent, e.data
                FROM saga_outbox_bundles AS b CROSS JOIN LATERAL unnest(b.ids, b.types, b.versions, b.subjects, b.times,
                    b.correlation_ids, b.causation_ids, b.traceparents, b.data) WITH ORDINALITY
                    AS e (id, type, version, subject, time, correlation_id, causation_id, traceparent, data, place)
                WHERE b.seq = ANY (ARRAY(
                    SELECT seq FROM (
                        SELECT seq, SUM(size) OVER (ORDER BY seq) - size AS ahead FROM (
                            SELECT seq, size FROM saga_outbox_bundles WHERE NOT acknowledged AND \(condition) AND seq >= $1
                            ORDER BY seq LIMIT $2) AS next) AS counted
                    WHERE ahead < $2))
            ) AS page ORDER BY seq
            """
        return try transaction.rows(
            SQLStatement(text, values: [.integer(row(of: position)), .integer(Int64(limit))])
        ).map(Outbox.delivery)
    }

    func positions(where condition: String, in transaction: any SQLTransaction) throws -> [Range<Int64>] {
        let text =
            "SELECT seq, size FROM saga_outbox_bundles WHERE NOT acknowledged AND \(condition) ORDER BY seq LIMIT 100000"
        return try transaction.rows(SQLStatement(text)).map { row in
            let first = try row.int64("seq")
            return first..<first + (try row.int64("size"))
        }
    }

    /// From one to the next by the index: they are few, and their rows may be many.
    func relays(in transaction: any SQLTransaction) throws -> [Int64?] {
        let rows = try transaction.rows(
            """
            WITH RECURSIVE one (relay) AS (
                (SELECT relay FROM saga_outbox_bundles WHERE NOT acknowledged AND relay IS NOT NULL ORDER BY relay LIMIT 1)
                UNION ALL
                SELECT (
                    SELECT b.relay FROM saga_outbox_bundles AS b WHERE NOT b.acknowledged AND b.relay > one.relay
                    ORDER BY b.relay LIMIT 1)
                FROM one WHERE one.relay IS NOT NULL)
            SELECT relay FROM one WHERE relay IS NOT NULL
            UNION ALL
            (SELECT relay FROM saga_outbox_bundles WHERE NOT acknowledged AND relay IS NULL LIMIT 1)
            """)
        return try rows.map { try $0.optionalInt64("relay") }
    }

    // MARK: The end

    /// Whether a saga is closed is asked once for all rows that tell of it.
    func delete(_ rows: [OutboxRow], _ closed: ClosedSagas?, in transaction: any SQLTransaction) throws -> Set<Int64> {
        guard !rows.isEmpty else { return [] }
        guard let closed else { return try delete(closed: rows, in: transaction) }
        let text = """
            WITH due AS (\(Self.due)),
                event AS MATERIALIZED (
                    SELECT due.seq, due.source, e.subject FROM due CROSS JOIN LATERAL unnest(due.subjects) AS e (subject)),
                saga_outbox AS (SELECT DISTINCT source, subject FROM event WHERE subject IS NOT NULL),
                open AS MATERIALIZED (SELECT source, subject FROM saga_outbox WHERE (\(closed.condition)) IS NOT TRUE)
            DELETE FROM saga_outbox_bundles WHERE seq IN (SELECT seq FROM due)
                AND seq NOT IN (SELECT event.seq FROM event JOIN open USING (source, subject)) RETURNING seq
            """
        let gone = try transaction.rows(SQLStatement(text, values: Self.values(rows)))
        return Set(try gone.map { try $0.int64("seq") })
    }

    private func delete(closed rows: [OutboxRow], in transaction: any SQLTransaction) throws -> Set<Int64> {
        let text = """
            DELETE FROM saga_outbox_bundles AS b USING unnest($1::bigint[], $2::bigint[]) AS known (seq, size)
            WHERE known.seq = b.seq AND known.size = b.size RETURNING b.seq
            """
        let gone = try transaction.rows(SQLStatement(text, values: Self.values(rows)))
        return Set(try gone.map { try $0.int64("seq") })
    }

    /// Of each row only what is needed remains, in a row for each saga. What other services wrote stays together: whether their sagas are
    /// settled is not known here.
    func keep(_ rows: [OutboxRow], _ closed: ClosedSagas, in transaction: any SQLTransaction) throws {
        guard !rows.isEmpty else { return }
        let services = closed.services.map { "'\($0)'" }.joined(separator: ", ")
        let own = services.isEmpty ? "FALSE" : "source IN (\(services))"
        try transaction.execute(
            SQLStatement(
                """
                UPDATE saga_outbox_bundles SET acknowledged = TRUE
                WHERE seq IN (SELECT seq FROM (\(Self.due)) AS due WHERE NOT (\(own)))
                """, values: Self.values(rows)))
        let text = """
            WITH due AS (SELECT * FROM (\(Self.due)) AS due WHERE \(own)),
                gone AS (DELETE FROM saga_outbox_bundles WHERE seq IN (SELECT seq FROM due) RETURNING *),
                saga_outbox AS (
                    SELECT b.seq AS bundle, b.source, b.relay, e.* FROM gone AS b CROSS JOIN LATERAL unnest(b.ids, b.types,
                        b.versions, b.subjects, b.times, b.correlation_ids, b.causation_ids, b.traceparents, b.data)
                        WITH ORDINALITY AS e (id, type, version, subject, time, correlation_id, causation_id, traceparent,
                            data, place))
            INSERT INTO saga_outbox_bundles (size, source, time, relay, acknowledged, ids, types, versions, subjects, times,
                correlation_ids, causation_ids, traceparents, data)
            SELECT COUNT(*), source, MIN(time), relay, TRUE, array_agg(id ORDER BY place), array_agg(type ORDER BY place),
                array_agg(version ORDER BY place), array_agg(subject ORDER BY place), array_agg(time ORDER BY place),
                array_agg(correlation_id ORDER BY place), array_agg(causation_id ORDER BY place),
                array_agg(traceparent ORDER BY place), array_agg(data ORDER BY place)
            FROM saga_outbox WHERE (\(closed.condition)) IS NOT TRUE GROUP BY bundle, source, relay, subject ORDER BY bundle
            """
        try transaction.execute(SQLStatement(text, values: Self.values(rows)))
    }

    private static let due = """
        SELECT b.seq, b.source, b.subjects FROM saga_outbox_bundles AS b
        JOIN unnest($1::bigint[], $2::bigint[]) AS known (seq, size) ON known.seq = b.seq AND known.size = b.size
        """

    private static func values(_ rows: [OutboxRow]) -> [SQLValue] {
        [.list(rows.map { .integer($0.position) }), .list(rows.map { .integer($0.size) })]
    }
}
