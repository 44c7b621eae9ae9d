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
        try append(groups: [envelopes], in: transaction)
    }

    private static func append(groups: [[Envelope]], in transaction: any SQLTransaction) throws {
        try transaction.dialect.outbox.append(groups, in: transaction) { deliveries in
            transaction.announce(Appended(deliveries: deliveries))
        }
    }

    /// What ``append(_:in:)`` announces.
    struct Appended: Sendable {
        /// The events with their positions, in order.
        let deliveries: [Delivery]
    }

    /// Sends again what the outbox still holds of subjects: each event gets a new position behind all others, so every
    /// consumer group receives it once more.
    ///
    /// - Parameter except: a type that is left alone (the request to send again itself).
    /// - Returns: the subjects of which there was something.
    /// - Throws: ``SQLError``.
    public static func requeue(
        _ subjects: [UUID], of service: ServiceID, except: EventType, in transaction: any SQLTransaction
    ) throws -> Set<UUID> {
        let (events, gone) = try transaction.dialect.outbox.takeOut(
            of: subjects, by: service, except: except, in: transaction)
        guard !events.isEmpty else { return [] }
        try append(groups: bySubject(events.map(\.envelope)), in: transaction)
        transaction.announce(Requeued(types: Set(events.map(\.envelope.type)), replaced: gone))
        return Set(events.compactMap(\.envelope.subject))
    }

    /// In the order of their first events.
    private static func bySubject(_ envelopes: [Envelope]) -> [[Envelope]] {
        var places: [UUID?: Int] = [:]
        var groups: [[Envelope]] = []
        for envelope in envelopes {
            if let place = places[envelope.subject] {
                groups[place].append(envelope)
            } else {
                places[envelope.subject] = groups.count
                groups.append([envelope])
            }
        }
        return groups
    }

    /// What ``requeue(_:of:except:in:)`` announces, so that whoever waits for events of these types looks again: they were
    /// emitted long ago, so no observer hears of them.
    public struct Requeued: Sendable {
        /// The types of what was sent again.
        public let types: Set<EventType>
        /// The positions that they had before.
        let replaced: [Int64]
    }

    /// Sagas are over for a service: whoever keeps its events for them hears it with the commit.
    ///
    /// A service announces it in the transaction in which its rows become settled, see ``CloseState``.
    public struct Closed: Sendable {
        let service: ServiceID
        let subjects: [UUID]

        /// - Parameter subjects: the sagas, of which this transaction settled the service's rows.
        public init(_ subjects: [UUID], of service: ServiceID) {
            self.service = service
            self.subjects = subjects
        }
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
