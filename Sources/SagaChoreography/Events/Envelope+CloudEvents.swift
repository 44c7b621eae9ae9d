import FoundationEssentials

extension Envelope {
    /// Where schemas are named: `dataschema` is this plus the type and its version.
    static let schemaPrefix = "urn:purchase-saga:event:"

    /// The CloudEvents 1.0 JSON form of one event (structured mode).
    private struct CloudEvent: Codable {
        var specversion: String
        var id: UUID
        var type: EventType
        var source: String
        var subject: UUID?
        var time: String
        var datacontenttype: String
        var dataschema: String
        var correlationid: UUID?
        var causationid: UUID?
        var traceparent: String?
        var data: JSONValue
    }

    /// Writes the envelope as one CloudEvents 1.0 JSON object.
    ///
    /// - Throws: ``SagaFault`` `.permanent` (`undecodable`) if `data` is not JSON.
    public func cloudEvent() throws -> Data {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
            return try encoder.encode(
                CloudEvent(
                    specversion: "1.0", id: id, type: type, source: "/\(source)", subject: subject,
                    time: time.description, datacontenttype: "application/json",
                    dataschema: "\(Self.schemaPrefix)\(type):\(version)", correlationid: correlationID,
                    causationid: causationID, traceparent: traceparent,
                    data: try JSONDecoder().decode(JSONValue.self, from: data)))
        } catch {
            throw SagaFault.permanent(.undecodable, "\(type) is not valid JSON")
        }
    }

    /// Reads one CloudEvents 1.0 JSON object. Unknown attributes are ignored.
    ///
    /// - Throws: ``SagaFault`` `.permanent` (`undecodable`) if a required attribute is missing or malformed.
    public init(cloudEvent bytes: Data) throws {
        let event: CloudEvent
        do {
            event = try JSONDecoder().decode(CloudEvent.self, from: bytes)
        } catch let error as DecodingError {
            throw SagaFault.permanent(.undecodable, "envelope: \(error.place)")
        }
        guard event.specversion == "1.0" else {
            throw SagaFault.permanent(.undecodable, "envelope: specversion \(event.specversion) is not 1.0")
        }
        guard event.source.first == "/", event.source.utf8.count > 1 else {
            throw SagaFault.permanent(.undecodable, "envelope: source is not '/service'")
        }
        guard let time = Timestamp(iso8601: event.time) else {
            throw SagaFault.permanent(.undecodable, "envelope: time is not ISO 8601 UTC with milliseconds")
        }
        guard let colon = event.dataschema.lastIndex(of: ":"),
            let version = Int(event.dataschema[event.dataschema.index(after: colon)...]), version > 0
        else { throw SagaFault.permanent(.undecodable, "envelope: dataschema names no version") }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.init(
            id: event.id, type: event.type, version: version, source: ServiceID(String(event.source.dropFirst())),
            subject: event.subject, time: time, correlationID: event.correlationid, causationID: event.causationid,
            traceparent: event.traceparent, data: try encoder.encode(event.data))
    }
}
