import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaSQL

/// What an event is as an entry of the audit trail.
public struct AuditRule: Sendable {
    /// What an entry takes from the event's data.
    struct Reading {
        let resourceID: String
        let actor: UUID?
        let details: Data
    }

    /// The event's type, which is the entry's action.
    public let type: EventType
    /// The kind of thing acted upon.
    public let resource: String
    public let status: AuditEntry.Status
    public let severity: AuditEntry.Severity
    private let read: @Sendable (Envelope) throws -> Reading

    /// How much is kept of data that cannot be read, in bytes.
    private static let longestKept = 16_384

    /// - Parameters:
    ///   - id: which one of its kind.
    ///   - actor: who did it, if the event tells.
    ///   - details: writes the members of the details.
    init<E: Event>(
        _: E.Type, on resource: String, _ severity: AuditEntry.Severity, _ status: AuditEntry.Status = .success,
        id: @escaping @Sendable (E) -> String, actor: @escaping @Sendable (E) -> UUID? = { _ in nil },
        details: @escaping @Sendable (E, inout JSONWriter) -> Void
    ) {
        type = E.type
        self.resource = resource
        self.severity = severity
        self.status = status
        read = { envelope in
            let event = try envelope.decode(E.self)
            var json = JSONWriter()
            json.object { details(event, &$0) }
            return Reading(resourceID: id(event), actor: actor(event), details: Data(json.bytes))
        }
    }

    /// The entry of one occurrence. What cannot be read is recorded as what it is: evidence is not given up.
    func entry(of envelope: Envelope, masked mask: DetailsMask) -> AuditEntry {
        let reading: Reading
        var (resource, status, severity) = (resource, status, severity)
        do {
            reading = try read(envelope)
        } catch {
            (resource, status, severity) = ("event", .failed, .critical)
            var json = JSONWriter()
            json.object {
                $0.key("unreadable" as StaticString)
                $0.string(SagaFault(error).summary)
                $0.key("data" as StaticString)
                $0.string(envelope.data.prefix(Self.longestKept).base64EncodedString())
            }
            reading = Reading(resourceID: envelope.id.canonical, actor: nil, details: Data(json.bytes))
        }
        return AuditEntry(
            id: envelope.id, action: type.name, resource: resource, resourceID: reading.resourceID,
            actor: .init(userID: reading.actor), occurredAt: envelope.time, status: status, severity: severity,
            details: mask.masked(reading.details), correlationID: envelope.correlationID,
            causationID: envelope.causationID, traceparent: envelope.traceparent, service: envelope.source)
    }
}
