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
            INSERT INTO saga_parked (consumer, event_id, id, type, subject, envelope, attempts, kind, reason, parked_at)
            VALUES (\(group.name), \(retry.envelope.id), \(id(of: retry.envelope.id, in: group)),
                \(retry.envelope.type.name), \(retry.envelope.subject), \(ParkedEnvelope.text(of: retry.envelope)),
                \(retry.attempts), \(kind), \(fault.summary), \(now.milliseconds))
            ON CONFLICT (consumer, event_id) DO NOTHING
            """)
        guard isNew, case .permanent(.alarm, let what) = fault else { return }
        // The alarm's id follows from event and group: the same alarm raised twice, as after a replay, is one entry, and that of another
        // group is another.
        try AuditLog.write(
            AuditRecord(
                service: group, action: "saga.alarm", resource: "event", resourceID: retry.envelope.id.uuidString,
                actor: nil, status: .failed, severity: .incident,
                details: ["event": retry.envelope.type.name, "what": what], correlationID: retry.envelope.correlationID),
            id: id(of: retry.envelope.id, in: group), at: now, in: transaction)
    }

    /// The id of a parked message, and of the alarm about it: the event's id with its random tail changed by the group's name
    /// (FNV-1a, 64 bit), so it is as young as the event, and the same each time.
    public static func id(of event: UUID, in group: ServiceID) -> UUID {
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
}
