import FoundationEssentials
import SagaChoreography
import SagaTesting
import Testing

private struct Sample: Event {
    static let type: EventType = "sample.made"
    static let version = 2
    var saga: UUID
    var amount: Int64
    var subject: UUID? { saga }

    static func upcast(_ data: Data, from version: Int) throws -> Sample {
        struct First: Decodable {
            var saga: UUID
        }
        guard version == 1 else { throw SagaFault.permanent(.undecodable, "no version \(version)") }
        return Sample(saga: try JSONDecoder().decode(First.self, from: data).saga, amount: 1)
    }
}

@Suite struct EnvelopeTests {
    private func sealed(_ amount: Int64 = .max) throws -> Envelope {
        try Envelope.seal(
            Sample(saga: UUID(), amount: amount), id: UUID(), source: "tests",
            time: Timestamp(milliseconds: 1_767_225_600_123), causationID: UUID(),
            traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    }

    @Test func `an envelope survives its CloudEvents form, 64-bit integers included`() throws {
        let envelope = try sealed()
        let again = try Envelope(cloudEvent: envelope.cloudEvent())
        #expect(try again.decode(Sample.self).amount == .max)
        #expect(again.id == envelope.id)
        #expect(again.version == 2)
        #expect(again.time == envelope.time)
        #expect(again.correlationID == envelope.subject)
        #expect(again.causationID == envelope.causationID)
        #expect(again.traceparent == envelope.traceparent)
    }

    @Test func `the same event is the same text in every process`() throws {
        let saga = try #require(UUID(uuidString: "019B76DA-A800-7002-9302-01D7B676095A"))
        let data = try Sample(saga: saga, amount: 1).encoded()
        let text = #"{"amount":1,"saga":"019B76DA-A800-7002-9302-01D7B676095A"}"#
        #expect(String(decoding: data, as: UTF8.self) == text)
        let envelope = try Envelope.seal(
            Sample(saga: saga, amount: 1), id: saga, source: "tests", time: Timestamp(milliseconds: 0))
        #expect(try String(decoding: Envelope(cloudEvent: envelope.cloudEvent()).data, as: UTF8.self) == text)
    }

    @Test func `the CloudEvents form has every required attribute`() throws {
        let json = try JSONSerializationFree.object(sealed().cloudEvent())
        #expect(json["specversion"] == "1.0")
        #expect(json["type"] == "sample.made")
        #expect(json["source"] == "/tests")
        #expect(json["time"] == "2026-01-01T00:00:00.123Z")
        #expect(json["datacontenttype"] == "application/json")
        #expect(json["dataschema"] == "urn:purchase-saga:event:sample.made:2")
        #expect(json["id"] != nil && json["subject"] != nil && json["correlationid"] != nil)
    }

    @Test(arguments: ["specversion", "id", "type", "source", "time", "dataschema", "data"])
    func `an envelope without a required attribute is a permanent fault`(_ attribute: String) throws {
        let text = String(decoding: try sealed().cloudEvent(), as: UTF8.self)
        let broken = text.replacing("\"\(attribute)\"", with: "\"no-\(attribute)\"")
        let fault = #expect(throws: SagaFault.self) { try Envelope(cloudEvent: Data(broken.utf8)) }
        guard case .permanent(.undecodable, _) = fault else {
            Issue.record("\(String(describing: fault)) is not permanent")
            return
        }
    }

    @Test func `unknown attributes are ignored`() throws {
        let text = String(decoding: try sealed(7).cloudEvent(), as: UTF8.self)
        let more = "{\"somethingnew\":[1,2]," + text.dropFirst()
        #expect(try Envelope(cloudEvent: Data(more.utf8)).decode(Sample.self).amount == 7)
    }

    @Test func `data of an older version is upcast, of an unknown one refused`() throws {
        let saga = UUID()
        func envelope(_ version: Int) -> Envelope {
            Envelope(
                id: UUID(), type: Sample.type, version: version, source: "tests", subject: saga,
                time: Timestamp(milliseconds: 0), correlationID: nil, causationID: nil, traceparent: nil,
                data: Data("{\"saga\":\"\(saga)\"}".utf8))
        }
        #expect(try envelope(1).decode(Sample.self).amount == 1)
        #expect(throws: SagaFault.self) { try envelope(3).decode(Sample.self) }
        #expect(throws: SagaFault.self) { try envelope(2).decode(Sample.self) }
    }
}

/// The text members of a JSON object.
private enum JSONSerializationFree {
    static func object(_ data: Data) throws -> [String: String] {
        struct Member: Decodable {
            var text: String?
            init(from decoder: any Decoder) throws { text = try? decoder.singleValueContainer().decode(String.self) }
        }
        return try JSONDecoder().decode([String: Member].self, from: data).compactMapValues(\.text)
    }
}
