import FoundationEssentials
import SQLCore
import SagaChoreography

/// Dead letters: messages that no retry could help, kept whole until a person decides.
public enum ParkedMessages {
    static func park(
        _ retry: Retry, because fault: SagaFault, for group: ServiceID, at now: Timestamp,
        in transaction: any SQLTransaction
    ) throws {
        let kind =
            switch fault {
            case .permanent(let kind, _): kind.rawValue
            case .retryable, .unavailable: "exhausted"
            }
        let isNew = try transaction.changesOne(
            """
            INSERT INTO saga_parked (consumer, event_id, type, subject, envelope, attempts, kind, reason, parked_at)
            VALUES (\(group.name), \(retry.envelope.id), \(retry.envelope.type.name), \(retry.envelope.subject),
                \(stored(retry.envelope)), \(retry.attempts), \(kind), \(fault.summary), \(now.milliseconds))
            ON CONFLICT (consumer, event_id) DO NOTHING
            """)
        guard isNew, case .permanent(.alarm, let what) = fault else { return }
        // The alarm's id follows from event and group: the same alarm raised twice is one entry, and that of another group is another.
        try AuditLog.write(
            AuditRecord(
                service: group, action: "saga.alarm", resource: "event", resourceID: retry.envelope.id.uuidString,
                actor: nil, status: .failed, severity: .incident,
                details: ["event": retry.envelope.type.name, "what": what], correlationID: retry.envelope.correlationID),
            id: alarmID(of: retry.envelope.id, in: group), at: now, in: transaction)
    }

    /// The event's id with its random tail changed by the group's name (FNV-1a, 64 bit): as young as the event, and the same each time.
    static func alarmID(of event: UUID, in group: ServiceID) -> UUID {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in group.name.utf8 {
            hash ^= UInt64(byte)
            hash &*= 0x100_0000_01b3
        }
        var octets = event.uuid
        withUnsafeMutableBytes(of: &octets) { octets in
            // The first two bits of the tail are the variant's.
            octets[8] ^= UInt8(truncatingIfNeeded: hash) & 0x3f
            for index in 9..<16 { octets[index] ^= UInt8(truncatingIfNeeded: hash >> (8 * UInt64(index - 8))) }
        }
        return UUID(uuid: octets)
    }

    /// A message whose data is not JSON cannot be written as a CloudEvent; it is kept with its raw data in base 64.
    private static func stored(_ envelope: Envelope) throws -> String {
        if let event = try? envelope.cloudEvent() { return String(decoding: event, as: UTF8.self) }
        let raw = RawMessage(
            id: envelope.id, type: envelope.type.name, version: envelope.version, source: envelope.source.name,
            subject: envelope.subject, time: envelope.time.milliseconds, dataBase64: envelope.data)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(raw), as: UTF8.self)
    }

    private struct RawMessage: Encodable {
        let id: UUID
        let type: String
        let version: Int
        let source: String
        let subject: UUID?
        let time: Int64
        let dataBase64: Data
    }

    /// One parked message, as operators see it.
    public struct Summary: Sendable, Hashable {
        /// The group that could not handle it.
        public let consumer: ServiceID
        /// The event's id, the same in every group that parked it.
        public let eventID: UUID
        /// The event's wire name.
        public let type: EventType
        /// The saga (order) it belongs to, if any.
        public let subject: UUID?
        /// `undecodable`, `alarm`, `contract`, or `exhausted` when retries ran out.
        public let kind: String
        /// The last fault, one line, without values of the payload.
        public let reason: String
        /// When it was given up.
        public let parkedAt: Timestamp
    }

    /// The newest parked messages.
    ///
    /// - Throws: ``SQLError``.
    public static func list(limit: Int, in transaction: any SQLTransaction) throws -> [Summary] {
        try transaction.rows(
            """
            SELECT consumer, event_id, type, subject, kind, reason, parked_at FROM saga_parked
            ORDER BY parked_at DESC LIMIT \(limit)
            """
        ).map { row in
            Summary(
                consumer: ServiceID(try row.text("consumer")), eventID: try row.uuid("event_id"),
                type: EventType(try row.text("type")), subject: try row.optionalUUID("subject"),
                kind: try row.text("kind"), reason: try row.text("reason"),
                parkedAt: Timestamp(milliseconds: try row.int64("parked_at")))
        }
    }
}
