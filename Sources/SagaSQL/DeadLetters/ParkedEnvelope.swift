import FoundationEssentials
import SagaChoreography

/// How the envelope of a parked message is kept: as a CloudEvent, or, if its data is no JSON, with its raw data in base 64.
enum ParkedEnvelope {
    private struct Raw: Codable {
        let id: UUID
        let type: String
        let version: Int
        let source: String
        let subject: UUID?
        let time: Int64
        let dataBase64: Data
    }

    static func text(of envelope: Envelope) throws -> String {
        if let event = try? envelope.cloudEvent() { return String(decoding: event, as: UTF8.self) }
        let raw = Raw(
            id: envelope.id, type: envelope.type.name, version: envelope.version, source: envelope.source.name,
            subject: envelope.subject, time: envelope.time.milliseconds, dataBase64: envelope.data)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(raw), as: UTF8.self)
    }

    /// - Throws: ``SagaFault`` `.permanent` (`undecodable`) if the text is neither.
    static func read(_ text: String) throws -> Envelope {
        let bytes = Data(text.utf8)
        if let raw = try? JSONDecoder().decode(Raw.self, from: bytes) {
            return Envelope(
                id: raw.id, type: EventType(raw.type), version: raw.version, source: ServiceID(raw.source),
                subject: raw.subject, time: Timestamp(milliseconds: raw.time), correlationID: raw.subject,
                causationID: nil, traceparent: nil, data: raw.dataBase64)
        }
        return try Envelope(cloudEvent: bytes)
    }
}
